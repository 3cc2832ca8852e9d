package shared_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/hashicorp/go-plugin"

	"github.com/smtp-router/smtp-router/sdk/go/list/shared"
	"github.com/smtp-router/smtp-router/sdk/go/types"
)

type reversed struct{}

func (reversed) Select(downstreams []types.Downstream) ([]types.Downstream, error) {
	if len(downstreams) == 0 {
		return nil, errors.New("no downstreams")
	}
	ordered := slices.Clone(downstreams)
	slices.Reverse(ordered)
	return ordered, nil
}

func dispense(t *testing.T, impl shared.Selector) shared.Selector {
	t.Helper()
	client, _ := plugin.TestPluginRPCConn(t, map[string]plugin.Plugin{
		"selector": &shared.SelectorPlugin{Impl: impl},
	}, nil)
	t.Cleanup(func() { client.Close() })
	raw, err := client.Dispense("selector")
	if err != nil {
		t.Fatal(err)
	}
	return raw.(shared.Selector)
}

func TestOrderCrossesTheWire(t *testing.T) {
	selector := dispense(t, reversed{})
	ordered, err := selector.Select([]types.Downstream{{Addr: "a:25", User: "u"}, {Addr: "b:25"}})
	want := []types.Downstream{{Addr: "b:25"}, {Addr: "a:25", User: "u"}}
	if err != nil || !slices.Equal(ordered, want) {
		t.Fatalf("got %v, %v; want %v", ordered, err, want)
	}
}

func TestErrorOfThePluginReachesTheHost(t *testing.T) {
	selector := dispense(t, reversed{})
	if _, err := selector.Select(nil); err == nil || err.Error() != "no downstreams" {
		t.Fatalf("got %v; want the plugin's own text", err)
	}
}
