// conformance-plugin is a plugin of the real library, for the conformance tests.
//
//	conformance-plugin [-versions 1,2,3]
package main

import (
	"flag"
	"log"
	"strconv"
	"strings"

	"github.com/hashicorp/go-plugin"

	"github.com/smtp-router/smtp-router/interop/internal/conformance"
)

func main() {
	versions := flag.String("versions", "1", "versions served, separated by commas")
	flag.Parse()
	sets := map[int]plugin.PluginSet{}
	for _, text := range strings.Split(*versions, ",") {
		version, err := strconv.Atoi(text)
		if err != nil {
			log.Fatal(err)
		}
		sets[version] = plugin.PluginSet{conformance.PluginName: &conformance.Plugin{Version: version}}
	}
	plugin.Serve(&plugin.ServeConfig{
		HandshakeConfig:  conformance.Handshake,
		VersionedPlugins: sets,
	})
}
