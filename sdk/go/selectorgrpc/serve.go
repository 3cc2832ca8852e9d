// Package selectorgrpc serves the Selectors of package selector over gRPC: a
// plugin says selectorgrpc.Serve where it said selector.Serve, and nothing else
// of it changes. net/rpc costs the router less; gRPC is for those who have
// reasons of their own. Only this package and the generated one know protobuf.
package selectorgrpc

import (
	"github.com/hashicorp/go-plugin"

	"github.com/smtp-router/smtp-router/sdk/go/selector"
)

// Serve serves the Selector until the host ends it: generation 2 over gRPC, and
// generation 1, which is net/rpc alone, beside it. Call it last in main.
func Serve(impl selector.Selector, opts ...selector.Option) {
	plugin.Serve(ServeConfig(impl, opts...))
}

// ServeConfig is what Serve hands to go-plugin, for those who want to add to it.
func ServeConfig(impl selector.Selector, opts ...selector.Option) *plugin.ServeConfig {
	config := selector.ServeConfig(impl, opts...)
	config.VersionedPlugins[selector.ContractVersion] = plugin.PluginSet{
		selector.PluginName: &Plugin{Impl: impl},
	}
	config.GRPCServer = plugin.DefaultGRPCServer
	return config
}
