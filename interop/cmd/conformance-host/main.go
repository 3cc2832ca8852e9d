// conformance-host is a host of the real library that does what it is told: one JSON request a line on stdin, one
// JSON reply a line on stdout. It exits when stdin ends, killing its plugin.
//
//	conformance-host [-versions 1,2] [-cookie VALUE] [-group GROUP] [-grpc] [-mtls] [-mux] -- COMMAND [ARGUMENT]…
//	conformance-host [-grpc] -reattach JSON
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"

	"github.com/smtp-router/smtp-router/interop/internal/conformance"
)

// options are the parsed flags.
type options struct {
	versions string
	cookie   string
	group    string
	grpc     bool
	mtls     bool
	mux      bool
	reattach string
}

func main() {
	var chosen options
	flag.StringVar(&chosen.versions, "versions", "1", "versions offered, separated by commas")
	flag.StringVar(&chosen.cookie, "cookie", conformance.Handshake.MagicCookieValue, "value of the cookie")
	flag.StringVar(&chosen.group, "group", "", "group that may use the socket (go-plugin 1.5.0)")
	flag.BoolVar(&chosen.grpc, "grpc", false, "dispense over gRPC")
	flag.BoolVar(&chosen.mtls, "mtls", false, "AutoMTLS")
	flag.BoolVar(&chosen.mux, "mux", false, "multiplex gRPC connections (go-plugin 1.6.0)")
	flag.StringVar(&chosen.reattach, "reattach", "", "running plugin to connect to, instead of a command")
	flag.Parse()
	host := newHost(chosen, flag.Args())
	defer host.client.Kill()
	replies := json.NewEncoder(os.Stdout)
	requests := bufio.NewScanner(os.Stdin)
	requests.Buffer(nil, 64<<20)
	for requests.Scan() {
		var asked request
		answer := reply{}
		if err := json.Unmarshal(requests.Bytes(), &asked); err != nil {
			answer.Error = err.Error()
		} else if value, err := host.do(asked); err != nil {
			answer.Error = err.Error()
		} else {
			answer.Value = value
		}
		if err := replies.Encode(answer); err != nil {
			return
		}
	}
}

func newHost(chosen options, command []string) *host {
	made := &host{}
	handshake := conformance.Handshake
	handshake.MagicCookieValue = chosen.cookie
	sets := map[int]plugin.PluginSet{}
	for _, text := range strings.Split(chosen.versions, ",") {
		version, err := strconv.Atoi(text)
		if err != nil {
			panic(err)
		}
		sets[version] = plugin.PluginSet{conformance.PluginName: &conformance.Plugin{Version: version}}
		if chosen.grpc {
			sets[version] = plugin.PluginSet{conformance.PluginName: &conformance.GRPCPlugin{}}
		}
	}
	config := &plugin.ClientConfig{
		HandshakeConfig:  handshake,
		VersionedPlugins: sets,
		StartTimeout:     30 * time.Second,
		AllowedProtocols: []plugin.Protocol{plugin.ProtocolNetRPC, plugin.ProtocolGRPC},
		AutoMTLS:         chosen.mtls,
		SyncStdout:       &made.stdout,
		SyncStderr:       &made.stderr,
		Logger: hclog.New(&hclog.LoggerOptions{
			Name: "host", Output: &made.log, Level: hclog.Trace, JSONFormat: true,
		}),
	}
	if chosen.reattach != "" {
		config.Reattach = reattachConfig(chosen.reattach)
		// No version is negotiated, so the versioned sets are not looked at.
		config.Plugins = sets[config.Reattach.ProtocolVersion]
	} else {
		config.Cmd = exec.Command(command[0], command[1:]...)
	}
	shareWithGroup(config, chosen.group)
	if field := reflect.ValueOf(config).Elem().FieldByName("GRPCBrokerMultiplex"); field.IsValid() {
		field.SetBool(chosen.mux)
	}
	made.client = plugin.NewClient(config)
	return made
}

// shareWithGroup sets UnixSocketConfig.Group, which go-plugin knows since 1.5.0.
func shareWithGroup(config *plugin.ClientConfig, group string) {
	field := reflect.ValueOf(config).Elem().FieldByName("UnixSocketConfig")
	if group == "" || !field.IsValid() {
		return
	}
	field.Set(reflect.New(field.Type().Elem()))
	field.Elem().FieldByName("Group").SetString(group)
}
