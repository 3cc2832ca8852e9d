// Package shared is what the router and a plugin have in common: the Selector
// interface, its net/rpc client and server, and the handshake. This is the
// contract as first written: Select answers the Addr of one downstream. The
// sibling package list/shared has the same names for the later shape.
package shared

import (
	"net/rpc"

	"github.com/hashicorp/go-plugin"

	"github.com/smtp-router/smtp-router/sdk/go/types"
)

// HandshakeConfig must be equal on both sides. The cookie is no secret: it only
// keeps people from starting a plugin by hand.
var HandshakeConfig = plugin.HandshakeConfig{
	ProtocolVersion:  1,
	MagicCookieKey:   "SMTP_ROUTER_PLUGIN",
	MagicCookieValue: "hello",
}

// Selector chooses the downstream a message is sent to.
type Selector interface {
	// Select answers the Addr of one of the downstreams, which are in configured
	// order. The router tries the others after it. It is called for several
	// messages at a time. On an error, or an Addr that is not in the list, the
	// router does what on_failure says.
	Select(downstreams []types.Downstream) (string, error)
}

// SelectorRPC is the host's end: a Selector that asks the plugin.
type SelectorRPC struct{ client *rpc.Client }

// Select calls Plugin.Select.
func (s *SelectorRPC) Select(downstreams []types.Downstream) (string, error) {
	var chosen string
	err := s.client.Call("Plugin.Select", downstreams, &chosen)
	return chosen, err
}

// SelectorRPCServer is the plugin's end: it hands calls to Impl.
type SelectorRPCServer struct{ Impl Selector }

// Select serves Plugin.Select.
func (s *SelectorRPCServer) Select(downstreams []types.Downstream, chosen *string) error {
	var err error
	*chosen, err = s.Impl.Select(downstreams)
	return err
}

// SelectorPlugin makes both ends; plugins set Impl, hosts leave it nil.
type SelectorPlugin struct{ Impl Selector }

// Server implements plugin.Plugin.
func (p *SelectorPlugin) Server(*plugin.MuxBroker) (interface{}, error) {
	return &SelectorRPCServer{Impl: p.Impl}, nil
}

// Client implements plugin.Plugin.
func (*SelectorPlugin) Client(_ *plugin.MuxBroker, client *rpc.Client) (interface{}, error) {
	return &SelectorRPC{client: client}, nil
}
