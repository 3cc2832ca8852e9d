// Command probe is a selector plugin for tests of hosts: what it decides is
// written in the subject of a message, and it says what it saw of the request.
//
//	probe netrpc|grpc
//
// Subjects: "error", "nothing", "defer", "reject", "hold", "wait" (until the host
// gives up); any other routes each recipient on its own by the downstreams in
// reverse. The reason is a digest of the request, whatever carried it.
package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/smtp-router/smtp-router/sdk/go/selector"
	"github.com/smtp-router/smtp-router/sdk/go/selectorgrpc"
)

type probe struct{}

func (probe) Describe() selector.DescribeReply {
	return selector.DescribeReply{Name: "probe", Version: "1", Headers: []string{"*"}}
}

// Configure refuses what has a key "refuse".
func (probe) Configure(_ context.Context, config selector.Config) []selector.ConfigureProblem {
	var read struct{ Refuse []string }
	if err := config.Decode(&read); err != nil {
		return []selector.ConfigureProblem{{Message: err.Error()}}
	}
	var problems []selector.ConfigureProblem
	for index, message := range read.Refuse {
		problems = append(problems, selector.ConfigureProblem{Path: fmt.Sprintf("refuse[%d]", index), Message: message})
	}
	return problems
}

func (probe) Select(ctx context.Context, request *selector.SelectRequest) (*selector.SelectReply, error) {
	switch request.Message.Subject {
	case "error":
		return nil, errors.New("the database is away")
	case "nothing":
		return nil, nil
	case "defer":
		return selector.Defer("later", digest(request)), nil
	case "reject":
		return selector.Reject("never", digest(request)), nil
	case "hold":
		return selector.Hold(digest(request)), nil
	case "wait":
		<-ctx.Done()
		fmt.Fprintln(os.Stderr, "the host gave up:", ctx.Err())
		return nil, ctx.Err()
	}
	order := slices.Clone(request.Downstreams)
	slices.Reverse(order)
	var routes []selector.Route
	for _, recipient := range request.Envelope.Recipients {
		routes = append(routes, selector.RouteOf([]selector.Recipient{recipient}, order...))
	}
	return selector.Split(digest(request), routes...), nil
}

// digest is the same for requests that are the same to a plugin.
func digest(request *selector.SelectRequest) string {
	text, err := json.Marshal(request)
	if err != nil {
		panic(err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

func main() {
	if len(os.Args) > 1 && os.Args[1] == "grpc" {
		selectorgrpc.Serve(probe{})
		return
	}
	selector.Serve(probe{})
}
