// selector-host is a go-plugin host in Go: it launches one selector plugin, calls Select a number of times,
// ends the plugin, and prints one JSON document on stdout saying what it saw.
//
//	selector-host -shape address|list|v2 [-calls N] [-downstream ADDR,USER,PASS]… -- COMMAND [ARGUMENT]…
//
// With -shape v2 it offers versions 1 and 2, over net/rpc and gRPC, and describes, configures (-config JSON) and asks
// the plugin about a message to -recipients "A B …" with -header "NAME: VALUE". -auto-mtls asks for AutoMTLS.
//
// Exit status 0 when every call was answered, 1 otherwise; the document is printed in both cases.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"runtime/debug"
	"strings"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"

	"github.com/smtp-router/smtp-router/interop/internal/contract"
	"github.com/smtp-router/smtp-router/interop/internal/locked"
)

// report is the printed document.
type report struct {
	// Protocol is what the plugin's handshake line announced: netrpc or grpc.
	Protocol string `json:"protocol"`
	// Library is the version of go-plugin this host was built with.
	Library string `json:"library"`
	// Version is the negotiated version of the contract.
	Version int `json:"version"`
	// Answers holds, for each call, the addresses in the order given; one of them for the address shape.
	Answers [][]string `json:"answers"`
	// V2 is set with -shape v2, when the plugin chose version 2.
	V2 *reportV2 `json:"v2,omitempty"`
	// KillMs is how long the orderly end of the plugin took.
	KillMs int64 `json:"killMs"`
	// Exited says that the plugin process was gone after the kill.
	Exited bool `json:"exited"`
	// HostLog is what the host library logged, warnings and errors only.
	HostLog []string `json:"hostLog"`
	// Stdout and Stderr are what the plugin wrote after its handshake, as synchronised by the library.
	Stdout string `json:"stdout"`
	Stderr string `json:"stderr"`
	// Error is empty when everything went well.
	Error string `json:"error"`
}

// downstreams collects repeated -downstream flags.
type downstreams []contract.Downstream

func (d *downstreams) String() string { return fmt.Sprint(len(*d)) }

func (d *downstreams) Set(text string) error {
	parts := strings.SplitN(text, ",", 3)
	for len(parts) < 3 {
		parts = append(parts, "")
	}
	*d = append(*d, contract.Downstream{Addr: parts[0], User: parts[1], Pass: parts[2]})
	return nil
}

// caller hides the two answer shapes from the loop.
type caller func(offered []contract.Downstream) ([]string, error)

func main() {
	shape := flag.String("shape", "address", "answer the host expects: address, list or v2")
	calls := flag.Int("calls", 4, "how often Select is called")
	var offered downstreams
	flag.Var(&offered, "downstream", "ADDR,USER,PASS; may be repeated")
	var question questionV2
	flag.StringVar(&question.config, "config", "", "JSON handed to Configure")
	flag.StringVar(&question.recipients, "recipients", "", "addresses, separated by spaces")
	flag.StringVar(&question.header, "header", "", "NAME: VALUE")
	autoMTLS := flag.Bool("auto-mtls", false, "connect by mutual TLS")
	flag.Parse()
	if flag.NArg() == 0 || (*shape != "address" && *shape != "list" && *shape != "v2") {
		flag.Usage()
		os.Exit(2)
	}
	wanted := launch{shape: *shape, autoMTLS: *autoMTLS, command: flag.Args()}
	result := run(wanted, *calls, offered, question)
	if err := json.NewEncoder(os.Stdout).Encode(result); err != nil || result.Error != "" {
		os.Exit(1)
	}
}

// launch says which plugin is started, and how.
type launch struct {
	shape    string
	autoMTLS bool
	command  []string
}

// run launches the plugin, asks it, ends it. Whatever goes wrong is told in the report.
func run(wanted launch, calls int, offered []contract.Downstream, question questionV2) report {
	var log, stdout, stderr locked.Buffer
	client := plugin.NewClient(&plugin.ClientConfig{
		HandshakeConfig:  contract.Handshake,
		VersionedPlugins: pluginSets(wanted.shape),
		Cmd:              exec.Command(wanted.command[0], wanted.command[1:]...),
		AllowedProtocols: []plugin.Protocol{plugin.ProtocolNetRPC, plugin.ProtocolGRPC},
		AutoMTLS:         wanted.autoMTLS,
		StartTimeout:     10 * time.Second,
		SyncStdout:       &stdout,
		SyncStderr:       &stderr,
		Logger:           hclog.New(&hclog.LoggerOptions{Output: &log, Level: hclog.Warn}),
	})
	result := report{Library: libraryVersion(), Answers: [][]string{}}
	if err := ask(client, calls, offered, question, &result); err != nil {
		result.Error = err.Error()
	}
	began := time.Now()
	client.Kill()
	result.KillMs = time.Since(began).Milliseconds()
	result.Exited = client.Exited()
	result.HostLog = lines(log.String())
	result.Stdout = stdout.String()
	result.Stderr = stderr.String()
	return result
}

// pluginSets answers what the host speaks, by version.
func pluginSets(shape string) map[int]plugin.PluginSet {
	address := plugin.PluginSet{contract.PluginName: &contract.AddressPlugin{}}
	switch shape {
	case "list":
		return map[int]plugin.PluginSet{1: {contract.PluginName: &contract.ListPlugin{}}}
	case "v2":
		return map[int]plugin.PluginSet{1: address, 2: {contract.PluginName: &contract.PluginV2{}}}
	default:
		return map[int]plugin.PluginSet{1: address}
	}
}

// ask fills the report call by call, so that answers before a failure are kept.
func ask(client *plugin.Client, calls int, offered []contract.Downstream, question questionV2, result *report) error {
	protocol, err := client.Client()
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	result.Protocol = string(client.Protocol())
	result.Version = client.NegotiatedVersion()
	if err := protocol.Ping(); err != nil {
		return fmt.Errorf("ping: %w", err)
	}
	raw, err := protocol.Dispense(contract.PluginName)
	if err != nil {
		return fmt.Errorf("dispense: %w", err)
	}
	if v2, ok := raw.(contract.SelectorV2); ok {
		return askV2(v2, calls, offered, question, result)
	}
	call, err := callerOf(raw)
	if err != nil {
		return err
	}
	for i := 0; i < calls; i++ {
		answer, err := call(offered)
		if err != nil {
			return fmt.Errorf("call %d: %w", i+1, err)
		}
		result.Answers = append(result.Answers, answer)
	}
	return nil
}

func callerOf(raw interface{}) (caller, error) {
	switch selector := raw.(type) {
	case contract.AddressSelector:
		return func(offered []contract.Downstream) ([]string, error) {
			address, err := selector.Select(offered)
			return []string{address}, err
		}, nil
	case contract.ListSelector:
		return func(offered []contract.Downstream) ([]string, error) {
			list, err := selector.Select(offered)
			addresses := make([]string, 0, len(list))
			for _, downstream := range list {
				addresses = append(addresses, downstream.Addr)
			}
			return addresses, err
		}, nil
	default:
		return nil, fmt.Errorf("dispensed an unknown type %T", raw)
	}
}

// libraryVersion answers the version of go-plugin in this binary, without its v.
func libraryVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, module := range info.Deps {
		if module.Path == "github.com/hashicorp/go-plugin" {
			return strings.TrimPrefix(module.Version, "v")
		}
	}
	return ""
}

func lines(text string) []string {
	text = strings.TrimSpace(text)
	if text == "" {
		return []string{}
	}
	return strings.Split(text, "\n")
}
