// Command elsewhere_after_two_failures is a selector plugin of generation 2 that
// is served over gRPC: a downstream that failed twice for a message comes last
// for it.
package main

import (
	"cmp"
	"context"
	"slices"

	"github.com/smtp-router/smtp-router/sdk/go/selector"
	"github.com/smtp-router/smtp-router/sdk/go/selectorgrpc"
)

// ElsewhereAfterTwoFailures keeps nothing: the host tells of earlier attempts.
type ElsewhereAfterTwoFailures struct{}

// Select answers all downstreams in the order to try them.
func (ElsewhereAfterTwoFailures) Select(_ context.Context, request *selector.SelectRequest) (*selector.SelectReply, error) {
	failures := map[string]int{}
	for _, attempt := range request.History {
		if attempt.Kind != "delivered" {
			failures[attempt.DownstreamId]++
		}
	}
	order := slices.Clone(request.Downstreams)
	slices.SortStableFunc(order, func(a, b selector.Downstream) int {
		return cmp.Compare(failures[a.Id]/2, failures[b.Id]/2)
	})
	return selector.Order("elsewhere after two failures", order...), nil
}

func main() { selectorgrpc.Serve(ElsewhereAfterTwoFailures{}) }
