// Package shared is the contract as later changed: Select answers all downstreams
// to try, in order. Names on the wire, handshake and version are those of the
// package shared beside it, so that a plugin moves from one to the other by its
// import line and its return type.
package shared

import (
	"net/rpc"

	"github.com/hashicorp/go-plugin"

	first "github.com/smtp-router/smtp-router/sdk/go/shared"
	"github.com/smtp-router/smtp-router/sdk/go/types"
)

// HandshakeConfig is that of the contract as first written: the handshake does
// not tell the two apart, the reply does.
var HandshakeConfig = first.HandshakeConfig

// Selector orders the downstreams for a message.
type Selector interface {
	// Select answers the downstreams to try, the first one first, taken from the
	// list it is given, which is in configured order. What it leaves out is not
	// tried. It is called for several messages at a time. On an error, or an entry
	// that is not in the list, the router does what on_failure says.
	Select(downstreams []types.Downstream) ([]types.Downstream, error)
}

// SelectorRPC is the host's end: a Selector that asks the plugin.
type SelectorRPC struct{ client *rpc.Client }

// Select calls Plugin.Select.
func (s *SelectorRPC) Select(downstreams []types.Downstream) ([]types.Downstream, error) {
	var ordered []types.Downstream
	err := s.client.Call("Plugin.Select", downstreams, &ordered)
	return ordered, err
}

// SelectorRPCServer is the plugin's end: it hands calls to Impl.
type SelectorRPCServer struct{ Impl Selector }

// Select serves Plugin.Select.
func (s *SelectorRPCServer) Select(downstreams []types.Downstream, ordered *[]types.Downstream) error {
	var err error
	*ordered, err = s.Impl.Select(downstreams)
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
