// Package contract states the selector contract, version 1, for the programs of this module: once with
// an answer that is one address, once with an answer that is an ordered list. It is written here anew, not
// taken from sdk/go, so that a mistake there shows up as a failing conversation.
package contract

import (
	"net/rpc"

	"github.com/hashicorp/go-plugin"
)

// Downstream is one SMTP server a selector may choose, as version 1 puts it on the wire.
type Downstream struct {
	Addr, User, Pass string
}

// PluginName is the key a host dispenses.
const PluginName = "selector"

// Handshake is what both sides must agree on before anything else.
var Handshake = plugin.HandshakeConfig{
	ProtocolVersion:  1,
	MagicCookieKey:   "SMTP_ROUTER_PLUGIN",
	MagicCookieValue: "hello",
}

// AddressSelector answers with the address of one downstream: version 1 as first written.
type AddressSelector interface {
	Select(downstreams []Downstream) (string, error)
}

// ListSelector answers with downstreams in the order they should be tried: version 1 as later changed.
type ListSelector interface {
	Select(downstreams []Downstream) ([]Downstream, error)
}

// AddressPlugin serves and dispenses an AddressSelector over net/rpc.
type AddressPlugin struct{ Impl AddressSelector }

// Server implements plugin.Plugin.
func (p *AddressPlugin) Server(*plugin.MuxBroker) (interface{}, error) {
	return &addressServer{impl: p.Impl}, nil
}

// Client implements plugin.Plugin; the value it returns is an AddressSelector.
func (p *AddressPlugin) Client(_ *plugin.MuxBroker, client *rpc.Client) (interface{}, error) {
	return &addressClient{client: client}, nil
}

type addressServer struct{ impl AddressSelector }

// Select is the method net/rpc registers as Plugin.Select.
func (s *addressServer) Select(downstreams []Downstream, answer *string) error {
	chosen, err := s.impl.Select(downstreams)
	*answer = chosen
	return err
}

type addressClient struct{ client *rpc.Client }

func (c *addressClient) Select(downstreams []Downstream) (string, error) {
	var answer string
	err := c.client.Call("Plugin.Select", downstreams, &answer)
	return answer, err
}

// ListPlugin serves and dispenses a ListSelector over net/rpc.
type ListPlugin struct{ Impl ListSelector }

// Server implements plugin.Plugin.
func (p *ListPlugin) Server(*plugin.MuxBroker) (interface{}, error) {
	return &listServer{impl: p.Impl}, nil
}

// Client implements plugin.Plugin; the value it returns is a ListSelector.
func (p *ListPlugin) Client(_ *plugin.MuxBroker, client *rpc.Client) (interface{}, error) {
	return &listClient{client: client}, nil
}

type listServer struct{ impl ListSelector }

// Select is the method net/rpc registers as Plugin.Select.
func (s *listServer) Select(downstreams []Downstream, answer *[]Downstream) error {
	chosen, err := s.impl.Select(downstreams)
	*answer = chosen
	return err
}

type listClient struct{ client *rpc.Client }

func (c *listClient) Select(downstreams []Downstream) ([]Downstream, error) {
	var answer []Downstream
	err := c.client.Call("Plugin.Select", downstreams, &answer)
	return answer, err
}
