package selector_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/hashicorp/go-plugin"

	listshared "github.com/smtp-router/smtp-router/sdk/go/list/shared"
	"github.com/smtp-router/smtp-router/sdk/go/selector"
	"github.com/smtp-router/smtp-router/sdk/go/shared"
	"github.com/smtp-router/smtp-router/sdk/go/types"
)

// byFunc is a selector with everything it may have.
type byFunc struct {
	decide func(ctx context.Context, request *selector.SelectRequest) (*selector.SelectReply, error)
	config map[string]string
}

func (s *byFunc) Select(ctx context.Context, request *selector.SelectRequest) (*selector.SelectReply, error) {
	return s.decide(ctx, request)
}

func (s *byFunc) Describe() selector.DescribeReply {
	return selector.DescribeReply{Name: "by func", Version: "1", Headers: []string{"X-Tag"}}
}

func (s *byFunc) Configure(_ context.Context, config selector.Config) []selector.ConfigureProblem {
	if err := config.Decode(&s.config); err != nil {
		return []selector.ConfigureProblem{{Message: err.Error()}}
	}
	return nil
}

// lastFirst answers the downstreams from the last to the first.
func lastFirst(_ context.Context, request *selector.SelectRequest) (*selector.SelectReply, error) {
	downstreams := slices.Clone(request.Downstreams)
	slices.Reverse(downstreams)
	return selector.Order("last first", downstreams...), nil
}

// dispense connects to what ServeConfig serves for a version.
func dispense(t *testing.T, version int, impl selector.Selector, opts ...selector.Option) interface{} {
	t.Helper()
	set := selector.ServeConfig(impl, opts...).VersionedPlugins[version]
	client, _ := plugin.TestPluginRPCConn(t, set, nil)
	t.Cleanup(func() { client.Close() })
	raw, err := client.Dispense(selector.PluginName)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func dispense2(t *testing.T, impl selector.Selector) *selector.Client {
	t.Helper()
	return dispense(t, 2, impl).(*selector.Client)
}

var request = &selector.SelectRequest{
	ContractVersion: 2,
	TimeoutMs:       60_000,
	Envelope:        selector.Envelope{Recipients: []selector.Recipient{{Id: 0, Domain: "a"}, {Id: 1, Domain: "b"}}},
	Downstreams:     []selector.Downstream{{Id: "one"}, {Id: "two", Cost: 0.5, HasCost: true}},
}

func TestARequestCrossesTheWireAndIsAnswered(t *testing.T) {
	var seen selector.SelectRequest
	client := dispense2(t, &byFunc{decide: func(ctx context.Context, r *selector.SelectRequest) (*selector.SelectReply, error) {
		seen = *r
		return lastFirst(ctx, r)
	}})
	reply, err := client.Select(context.Background(), request)
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"two", "one"}; !slices.Equal(reply.Routes[0].CandidateIds, want) || reply.Reason != "last first" {
		t.Fatalf("got %+v", reply)
	}
	if seen.Downstreams[1].Cost != 0.5 || seen.Envelope.Recipients[1].Id != 1 {
		t.Fatalf("saw %+v", seen)
	}
}

func TestTheContextHasTheDeadlineOfTheRequest(t *testing.T) {
	var left time.Duration
	client := dispense2(t, &byFunc{decide: func(ctx context.Context, r *selector.SelectRequest) (*selector.SelectReply, error) {
		deadline, _ := ctx.Deadline()
		left = time.Until(deadline)
		return lastFirst(ctx, r)
	}})
	if _, err := client.Select(context.Background(), request); err != nil {
		t.Fatal(err)
	}
	if left <= 0 || left > time.Minute {
		t.Fatalf("%v are left of one minute", left)
	}
}

func TestASplitAndAVerdictCrossTheWire(t *testing.T) {
	to := request.Envelope.Recipients
	answers := []*selector.SelectReply{
		selector.Split("by domain",
			selector.RouteOf(to[:1], request.Downstreams[0]),
			selector.RouteOf(to[1:], request.Downstreams[1])),
		selector.Reject("no", "blocked"),
		selector.Defer("later", "busy"),
		selector.Hold("look at it"),
	}
	next := 0
	client := dispense2(t, &byFunc{decide: func(context.Context, *selector.SelectRequest) (*selector.SelectReply, error) {
		next++
		return answers[next-1], nil
	}})
	for _, want := range answers {
		got, err := client.Select(context.Background(), request)
		if err != nil || got.Verdict != want.Verdict || got.Text != want.Text || got.Reason != want.Reason ||
			len(got.Routes) != len(want.Routes) || got.ContractVersion != 2 {
			t.Fatalf("got %+v, %v; want %+v", got, err, want)
		}
	}
}

func TestAnErrorAndNoReplyReachTheHostAsErrors(t *testing.T) {
	for _, err := range []error{errors.New("database is away"), nil} {
		client := dispense2(t, &byFunc{decide: func(context.Context, *selector.SelectRequest) (*selector.SelectReply, error) {
			return nil, err
		}})
		if _, got := client.Select(context.Background(), request); got == nil {
			t.Fatal("want an error")
		}
	}
}

func TestACallEndsWithItsContext(t *testing.T) {
	release := make(chan struct{})
	t.Cleanup(func() { close(release) })
	client := dispense2(t, &byFunc{decide: func(context.Context, *selector.SelectRequest) (*selector.SelectReply, error) {
		<-release
		return nil, nil
	}})
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := client.Select(ctx, request); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
}

func TestDescribeAndConfigure(t *testing.T) {
	impl := &byFunc{decide: lastFirst}
	client := dispense2(t, impl)
	description, err := client.Describe(context.Background())
	if err != nil || description.Name != "by func" || !slices.Equal(description.Headers, []string{"X-Tag"}) {
		t.Fatalf("got %+v, %v", description, err)
	}
	fine, err := client.Configure(context.Background(), selector.ConfigureRequest{ConfigJson: `{"a":"b"}`})
	if err != nil || len(fine.Problems) != 0 || impl.config["a"] != "b" {
		t.Fatalf("got %+v, %v, config %v", fine, err, impl.config)
	}
	none, err := client.Configure(context.Background(), selector.ConfigureRequest{})
	if err != nil || len(none.Problems) != 0 {
		t.Fatalf("got %+v, %v", none, err)
	}
	bad, err := client.Configure(context.Background(), selector.ConfigureRequest{ConfigJson: `[]`})
	if err != nil || len(bad.Problems) != 1 {
		t.Fatalf("got %+v, %v", bad, err)
	}
}

// bare has nothing but Select.
type bare struct{}

func (bare) Select(ctx context.Context, r *selector.SelectRequest) (*selector.SelectReply, error) {
	return lastFirst(ctx, r)
}

func TestASelectorNeedsNothingButSelect(t *testing.T) {
	client := dispense2(t, bare{})
	if description, err := client.Describe(context.Background()); err != nil || description.ContractVersion != 2 {
		t.Fatalf("got %+v, %v", description, err)
	}
	reply, err := client.Configure(context.Background(), selector.ConfigureRequest{ConfigJson: `{}`})
	if err != nil || len(reply.Problems) != 0 {
		t.Fatalf("got %+v, %v", reply, err)
	}
}

var list = []types.Downstream{{Addr: "a:25", User: "u", Pass: "p"}, {Addr: "a:25", User: "v", Pass: "q"}, {Addr: "b:25"}}

func TestAHostOfGeneration1GetsAnAddress(t *testing.T) {
	host := dispense(t, 1, &byFunc{decide: func(ctx context.Context, r *selector.SelectRequest) (*selector.SelectReply, error) {
		if ids := []string{r.Downstreams[0].Id, r.Downstreams[1].Id, r.Downstreams[2].Id}; !slices.Equal(ids, []string{"u@a:25", "v@a:25", "b:25"}) {
			return nil, errors.New("odd ids")
		}
		return lastFirst(ctx, r)
	}}).(shared.Selector)
	if got, err := host.Select(list); err != nil || got != "b:25" {
		t.Fatalf("got %q, %v", got, err)
	}
}

func TestAHostOfGeneration1GetsItsEntriesBack(t *testing.T) {
	host := dispense(t, 1, &byFunc{decide: lastFirst}, selector.WithV1Reply(selector.V1List)).(listshared.Selector)
	want := []types.Downstream{list[2], list[1], list[0]}
	if got, err := host.Select(list); err != nil || !slices.Equal(got, want) {
		t.Fatalf("got %v, %v", got, err)
	}
}

func TestAHostOfGeneration1IsToldWhatItCannotBeAnswered(t *testing.T) {
	answers := []*selector.SelectReply{
		nil,
		selector.Reject("no", ""),
		selector.Split("", selector.RouteOf(nil), selector.RouteOf(nil)),
		selector.Order(""),
		selector.Order("", selector.Downstream{Id: "c:25"}),
	}
	for _, answer := range answers {
		host := dispense(t, 1, &byFunc{decide: func(context.Context, *selector.SelectRequest) (*selector.SelectReply, error) {
			return answer, nil
		}}).(shared.Selector)
		if got, err := host.Select(list); err == nil {
			t.Fatalf("got %q for %+v; want an error", got, answer)
		}
	}
}
