package selectorgrpc_test

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/smtp-router/smtp-router/sdk/go/selector"
	"github.com/smtp-router/smtp-router/sdk/go/selectorgrpc"
	"github.com/smtp-router/smtp-router/sdk/go/shared"
	"github.com/smtp-router/smtp-router/sdk/go/types"
)

// byFunc is a selector with everything it may have.
type byFunc struct {
	decide   func(ctx context.Context, request *selector.SelectRequest) (*selector.SelectReply, error)
	problems []selector.ConfigureProblem
	config   string
}

func (s *byFunc) Select(ctx context.Context, request *selector.SelectRequest) (*selector.SelectReply, error) {
	return s.decide(ctx, request)
}

func (s *byFunc) Describe() selector.DescribeReply {
	return selector.DescribeReply{Name: "by func", Version: "1", Headers: []string{"X-Tag"}}
}

func (s *byFunc) Configure(_ context.Context, config selector.Config) []selector.ConfigureProblem {
	s.config = string(config)
	return s.problems
}

// dispense connects to what ServeConfig serves for generation 2.
func dispense(t *testing.T, impl selector.Selector) *selectorgrpc.Client {
	t.Helper()
	set := selectorgrpc.ServeConfig(impl).VersionedPlugins[2]
	client, server := plugin.TestPluginGRPCConn(t, false, set)
	t.Cleanup(func() {
		client.Close()
		server.Stop()
	})
	raw, err := client.Dispense(selector.PluginName)
	if err != nil {
		t.Fatal(err)
	}
	return raw.(*selectorgrpc.Client)
}

// answering decides the same for every message.
func answering(reply *selector.SelectReply, err error) *byFunc {
	return &byFunc{decide: func(context.Context, *selector.SelectRequest) (*selector.SelectReply, error) {
		return reply, err
	}}
}

// fill sets every field, however deep, to something that is not zero.
func fill(value reflect.Value) {
	switch value.Kind() {
	case reflect.Struct:
		for i := range value.NumField() {
			fill(value.Field(i))
		}
	case reflect.Slice:
		value.Set(reflect.MakeSlice(value.Type(), 2, 2))
		fill(value.Index(0))
		fill(value.Index(1))
	case reflect.Map:
		value.Set(reflect.ValueOf(map[string]string{"region": "eu"}))
	case reflect.String:
		value.SetString("grün")
	case reflect.Bool:
		value.SetBool(true)
	case reflect.Float64:
		value.SetFloat(0.1)
	case reflect.Int32:
		value.SetInt(3)
	case reflect.Int64:
		value.SetInt(-1)
	case reflect.Uint32:
		value.SetUint(7)
	case reflect.Uint64:
		value.SetUint(1<<53 - 1)
	default:
		panic("no value for " + value.Type().String())
	}
}

func filled[T any]() *T {
	value := new(T)
	fill(reflect.ValueOf(value).Elem())
	return value
}

func TestEveryFieldOfARequestAndAReplyCrossesTheWire(t *testing.T) {
	request, reply := filled[selector.SelectRequest](), filled[selector.SelectReply]()
	request.TimeoutMs = 60_000
	var seen *selector.SelectRequest
	client := dispense(t, &byFunc{decide: func(_ context.Context, r *selector.SelectRequest) (*selector.SelectReply, error) {
		seen = r
		return reply, nil
	}})
	got, err := client.Select(context.Background(), request)
	if err != nil {
		t.Fatal(err)
	}
	want := *reply
	want.ContractVersion = 2
	if !reflect.DeepEqual(seen, request) || !reflect.DeepEqual(got, &want) {
		t.Fatalf("saw %+v\ngot %+v", seen, got)
	}
}

func TestAnEmptyRequestIsOne(t *testing.T) {
	var seen *selector.SelectRequest
	client := dispense(t, &byFunc{decide: func(_ context.Context, r *selector.SelectRequest) (*selector.SelectReply, error) {
		seen = r
		return &selector.SelectReply{}, nil
	}})
	reply, err := client.Select(context.Background(), &selector.SelectRequest{})
	if err != nil || !reflect.DeepEqual(seen, &selector.SelectRequest{}) ||
		!reflect.DeepEqual(reply, &selector.SelectReply{ContractVersion: 2}) {
		t.Fatalf("saw %+v, got %+v, %v", seen, reply, err)
	}
}

func TestTheContextHasTheEarlierDeadline(t *testing.T) {
	var left time.Duration
	client := dispense(t, &byFunc{decide: func(ctx context.Context, _ *selector.SelectRequest) (*selector.SelectReply, error) {
		deadline, _ := ctx.Deadline()
		left = time.Until(deadline)
		return &selector.SelectReply{}, nil
	}})
	for _, timeoutMs := range []uint32{0, 60_000, 7_200_000} {
		ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
		_, err := client.Select(ctx, &selector.SelectRequest{TimeoutMs: timeoutMs})
		cancel()
		limit := time.Hour
		if timeoutMs == 60_000 {
			limit = time.Minute
		}
		if err != nil || left <= limit-30*time.Second || left > limit {
			t.Fatalf("%v are left with %d ms, %v", left, timeoutMs, err)
		}
	}
}

func TestThePluginHearsThatTheHostGaveUp(t *testing.T) {
	asked, ended := make(chan struct{}), make(chan struct{})
	client := dispense(t, &byFunc{decide: func(ctx context.Context, _ *selector.SelectRequest) (*selector.SelectReply, error) {
		close(asked)
		<-ctx.Done()
		close(ended)
		return nil, ctx.Err()
	}})
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		<-asked
		cancel()
	}()
	if _, err := client.Select(ctx, &selector.SelectRequest{}); status.Code(err) != codes.Canceled {
		t.Fatalf("got %v", err)
	}
	<-ended
}

func TestAnErrorAndNoReplyReachTheHostAsErrors(t *testing.T) {
	for _, want := range []string{"database is away", "no route"} {
		var err error
		if want == "database is away" {
			err = errors.New(want)
		}
		_, got := dispense(t, answering(nil, err)).Select(context.Background(), &selector.SelectRequest{})
		if got == nil || !strings.Contains(got.Error(), want) {
			t.Fatalf("got %v", got)
		}
	}
}

func TestDescribeAndConfigure(t *testing.T) {
	impl := answering(nil, nil)
	client := dispense(t, impl)
	description, err := client.Describe(context.Background())
	want := &selector.DescribeReply{ContractVersion: 2, Name: "by func", Version: "1", Headers: []string{"X-Tag"}}
	if err != nil || !reflect.DeepEqual(description, want) {
		t.Fatalf("got %+v, %v", description, err)
	}
	for _, problems := range [][]selector.ConfigureProblem{nil, {{Path: "a", Message: "is odd"}}} {
		impl.problems = problems
		reply, err := client.Configure(context.Background(), selector.ConfigureRequest{Selector: "mine", ConfigJson: `{"a":1}`})
		if err != nil || !slices.Equal(reply.Problems, problems) || impl.config != `{"a":1}` {
			t.Fatalf("got %+v, %v, config %s", reply, err, impl.config)
		}
	}
}

func TestGeneration1IsServedBesideIt(t *testing.T) {
	impl := &byFunc{decide: func(_ context.Context, r *selector.SelectRequest) (*selector.SelectReply, error) {
		return selector.Order("", r.Downstreams[1]), nil
	}}
	set := selectorgrpc.ServeConfig(impl).VersionedPlugins[1]
	client, _ := plugin.TestPluginRPCConn(t, set, nil)
	t.Cleanup(func() { client.Close() })
	raw, err := client.Dispense(selector.PluginName)
	if err != nil {
		t.Fatal(err)
	}
	list := []types.Downstream{{Addr: "a:25"}, {Addr: "b:25"}}
	if got, err := raw.(shared.Selector).Select(list); err != nil || got != "b:25" {
		t.Fatalf("got %q, %v", got, err)
	}
}
