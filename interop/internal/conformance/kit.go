// Package conformance is what the conformance tests let a plugin and its host say to each other: a kit whose
// methods exercise one thing of the protocol each. It is written once for both roles in Go, and once more in
// TypeScript (interop/conformance/plugins/kit.ts).
package conformance

import (
	"encoding/gob"
	"net/rpc"
	"time"

	"github.com/hashicorp/go-plugin"
)

// PluginName is the key a host dispenses.
const PluginName = "kit"

// Handshake is what both sides agree on.
var Handshake = plugin.HandshakeConfig{
	ProtocolVersion:  1,
	MagicCookieKey:   "CONFORMANCE_PLUGIN",
	MagicCookieValue: "yes",
}

// Inner is a struct within others, and what an interface may hold.
type Inner struct {
	A int
	B string
}

// Everything has a field of each kind gob knows.
type Everything struct {
	Truth   bool
	Small   int8
	Large   int64
	Count   uint64
	Ratio   float64
	Wave    complex128 `json:"-"`
	Text    string
	Data    []byte
	Texts   []string
	List    []Inner
	Table   map[string]Inner
	Numbers map[int]string
	Triple  [3]int
	Pointer *Inner
	Next    *Everything
	When    time.Time
}

// Output says what is written where, past everything the library puts in between.
type Output struct {
	// Stream is stdout or stderr.
	Stream string
	Text   string
	// Count is how often Text is written, in one piece.
	Count int
}

// Record is one line of hclog.
type Record struct {
	Level, Message string
}

func init() {
	gob.RegisterName("kit.Inner", Inner{})
	gob.Register(map[string]interface{}{})
	gob.Register([]interface{}{})
}

// Plugin serves and dispenses the kit over net/rpc.
type Plugin struct {
	// Version is the version of the set this plugin stands in.
	Version int
}

// Server implements plugin.Plugin.
func (p *Plugin) Server(broker *plugin.MuxBroker) (interface{}, error) {
	return &Server{broker: broker, version: p.Version}, nil
}

// Client implements plugin.Plugin; the value it returns is a *Client.
func (p *Plugin) Client(broker *plugin.MuxBroker, client *rpc.Client) (interface{}, error) {
	return &Client{Client: client, Broker: broker}, nil
}

// Client is a dispensed kit.
type Client struct {
	*rpc.Client
	Broker *plugin.MuxBroker
}

// CallBack lets the plugin call the host, which serves a kit for it; it answers what the plugin was answered.
func (c *Client) CallBack() (string, error) {
	id := c.Broker.NextId()
	go c.Broker.AcceptAndServe(id, &Server{broker: c.Broker})
	var answer string
	err := c.Call("Plugin.CallBack", id, &answer)
	return answer, err
}
