package shared_test

import (
	"errors"
	"testing"

	"github.com/hashicorp/go-plugin"

	"github.com/smtp-router/smtp-router/sdk/go/shared"
	"github.com/smtp-router/smtp-router/sdk/go/types"
)

type last struct{}

func (last) Select(downstreams []types.Downstream) (string, error) {
	if len(downstreams) == 0 {
		return "", errors.New("no downstreams")
	}
	return downstreams[len(downstreams)-1].Addr, nil
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

func TestSelectCrossesTheWire(t *testing.T) {
	selector := dispense(t, last{})
	chosen, err := selector.Select([]types.Downstream{{Addr: "a:25", User: "u"}, {Addr: "b:25"}})
	if err != nil || chosen != "b:25" {
		t.Fatalf("got %q, %v; want b:25", chosen, err)
	}
}

func TestErrorOfThePluginReachesTheHost(t *testing.T) {
	selector := dispense(t, last{})
	if _, err := selector.Select(nil); err == nil || err.Error() != "no downstreams" {
		t.Fatalf("got %v; want the plugin's own text", err)
	}
}

func TestHandshakeIsTheOneOfTheContract(t *testing.T) {
	want := plugin.HandshakeConfig{ProtocolVersion: 1, MagicCookieKey: "SMTP_ROUTER_PLUGIN", MagicCookieValue: "hello"}
	if shared.HandshakeConfig != want {
		t.Fatalf("got %+v, want %+v", shared.HandshakeConfig, want)
	}
}
