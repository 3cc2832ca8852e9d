// conformance-plugin is a plugin of the real library, for the conformance tests.
//
//	conformance-plugin [-versions 1,2,3] [-grpc [-age DURATION]]
package main

import (
	"flag"
	"log"
	"strconv"
	"strings"

	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
	"google.golang.org/grpc/keepalive"

	"github.com/smtp-router/smtp-router/interop/internal/conformance"
)

func main() {
	versions := flag.String("versions", "1", "versions served, separated by commas")
	overGRPC := flag.Bool("grpc", false, "serve gRPC instead of net/rpc")
	age := flag.Duration("age", 0, "how old a gRPC connection may get before it is closed in good order")
	flag.Parse()
	sets := map[int]plugin.PluginSet{}
	for _, text := range strings.Split(*versions, ",") {
		version, err := strconv.Atoi(text)
		if err != nil {
			log.Fatal(err)
		}
		sets[version] = plugin.PluginSet{conformance.PluginName: &conformance.Plugin{Version: version}}
	}
	config := &plugin.ServeConfig{HandshakeConfig: conformance.Handshake, VersionedPlugins: sets}
	if *overGRPC {
		config.GRPCServer = func(options []grpc.ServerOption) *grpc.Server {
			aging := keepalive.ServerParameters{MaxConnectionAge: *age}
			return grpc.NewServer(append(options, grpc.KeepaliveParams(aging))...)
		}
		for version := range sets {
			sets[version] = plugin.PluginSet{conformance.PluginName: &conformance.GRPCPlugin{}}
		}
	}
	plugin.Serve(config)
}
