package selector

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/hashicorp/go-plugin"

	listshared "github.com/smtp-router/smtp-router/sdk/go/list/shared"
	"github.com/smtp-router/smtp-router/sdk/go/shared"
)

// Selector decides which downstreams a message is offered to.
type Selector interface {
	// Select is called for several messages at a time: guard state with a
	// mutex. ctx ends when the host no longer waits. On an error, or ids that
	// are not of the request, the host does what on_failure says.
	Select(ctx context.Context, request *SelectRequest) (*SelectReply, error)
}

// Describer is a Selector that says what it is, and which header fields it
// wants to see.
type Describer interface {
	Describe() DescribeReply
}

// Configurer is a Selector with a configuration of its own. Configure is called
// once, before the first Select; hosts of generation 1 do not call it.
type Configurer interface {
	Configure(ctx context.Context, config Config) []ConfigureProblem
}

// Config is the operator's config as JSON; empty when there is none.
type Config []byte

// Decode stores the config in value as encoding/json does; without a config it
// leaves value as it is.
func (c Config) Decode(value any) error {
	if len(c) == 0 {
		return nil
	}
	return json.Unmarshal(c, value)
}

// V1Reply is what a host of generation 1 is answered.
type V1Reply int

const (
	// V1Address is the first choice alone, as the contract was first written.
	V1Address V1Reply = iota
	// V1List is the whole order, as it was later changed.
	V1List
)

// Option changes how a Selector is served.
type Option func(*options)

type options struct{ v1Reply V1Reply }

// WithV1Reply sets what hosts of generation 1 are answered; V1Address unless
// given.
func WithV1Reply(reply V1Reply) Option {
	return func(o *options) { o.v1Reply = reply }
}

// Serve serves the Selector in both generations until the host ends it. Call it
// last in main.
func Serve(impl Selector, opts ...Option) {
	plugin.Serve(ServeConfig(impl, opts...))
}

// ServeConfig is what Serve hands to go-plugin, for those who want to add to it.
func ServeConfig(impl Selector, opts ...Option) *plugin.ServeConfig {
	var o options
	for _, opt := range opts {
		opt(&o)
	}
	return &plugin.ServeConfig{
		HandshakeConfig: shared.HandshakeConfig,
		VersionedPlugins: map[int]plugin.PluginSet{
			1: {PluginName: v1Plugin(impl, o.v1Reply)},
			2: {PluginName: &Plugin{Impl: impl}},
		},
	}
}

// PluginName is the key a selector is dispensed by.
const PluginName = "selector"

func v1Plugin(impl Selector, reply V1Reply) plugin.Plugin {
	adapter := v1Adapter{impl: impl}
	if reply == V1List {
		return &listshared.SelectorPlugin{Impl: v1List{adapter}}
	}
	return &shared.SelectorPlugin{Impl: v1Address{adapter}}
}

// errNoRoute is what a host of generation 1 is told when there is nothing it
// could act on.
var errNoRoute = errors.New("no route was chosen")

func errVerdict(reply *SelectReply) error {
	return fmt.Errorf("verdict %d (%s) cannot be carried by generation 1 of the contract", reply.Verdict, reply.Text)
}
