// fault-plugin is a selector plugin that behaves for a while and then misbehaves in one chosen way.
//
//	fault-plugin -fault NAME [-after N] [-report FILE]
//
// It answers the first N calls of its process with the first downstream offered and commits the fault on
// every later one. The faults:
//
//	none       keeps answering
//	hang       never answers
//	slow       answers after -delay
//	exit       the process ends with status 3 in the middle of the call
//	panic      a goroutine panics: the Go runtime prints its trace and ends the process
//	kill       the process kills itself, as the kernel's out-of-memory killer would
//	unknown    answers with a downstream nobody offered
//	empty      answers with an empty address
//	crlf       answers with an address that carries an SMTP command behind a line end
//	huge       answers with 8 MiB of text
//	error      answers with an error of net/rpc
//	mute       prints no handshake and never will
//	garbage    prints something that is no handshake
//	refuse     announces a version of the contract nobody offered
//	flood      writes without end to stdout and stderr while it answers
//
// With -report it writes its environment, its arguments and its first request to FILE as one JSON document:
// what a plugin can see.
package main

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/hashicorp/go-plugin"

	"github.com/smtp-router/smtp-router/interop/internal/contract"
)

// options are the parsed flags.
type options struct {
	fault  string
	after  int64
	delay  time.Duration
	report string
}

func main() {
	var chosen options
	flag.StringVar(&chosen.fault, "fault", "none", "what goes wrong")
	flag.Int64Var(&chosen.after, "after", 0, "calls answered properly first")
	flag.DurationVar(&chosen.delay, "delay", time.Second, "how long the fault slow takes")
	flag.StringVar(&chosen.report, "report", "", "file to write what the plugin can see to")
	flag.Parse()

	if spoilHandshake(chosen.fault) {
		return
	}
	plugin.Serve(&plugin.ServeConfig{
		HandshakeConfig: contract.Handshake,
		Plugins: map[string]plugin.Plugin{
			contract.PluginName: &contract.AddressPlugin{Impl: &faultySelector{options: chosen}},
		},
	})
}

// spoilHandshake commits the faults that happen before a plugin serves; true when it did.
func spoilHandshake(fault string) bool {
	switch fault {
	case "mute":
		time.Sleep(time.Hour)
	case "garbage":
		fmt.Println("hello, I am not a plugin")
		time.Sleep(time.Hour)
	case "refuse":
		fmt.Println("1|9|unix|/nonexistent/socket|netrpc|")
		time.Sleep(time.Hour)
	default:
		return false
	}
	return true
}

// faultySelector implements contract.AddressSelector.
type faultySelector struct {
	options options
	calls   atomic.Int64
	// flooding starts the flood once.
	flooding sync.Once
}

// Select answers properly until the fault is due.
func (s *faultySelector) Select(downstreams []contract.Downstream) (string, error) {
	call := s.calls.Add(1)
	if call == 1 && s.options.report != "" {
		if err := writeReport(s.options.report, downstreams); err != nil {
			return "", err
		}
	}
	if len(downstreams) == 0 {
		return "", fmt.Errorf("no downstream was offered")
	}
	if call <= s.options.after {
		return downstreams[0].Addr, nil
	}
	return s.misbehave(downstreams[0].Addr)
}

func (s *faultySelector) misbehave(proper string) (string, error) {
	switch s.options.fault {
	case "hang":
		select {}
	case "slow":
		time.Sleep(s.options.delay)
	case "exit":
		os.Exit(3)
	case "panic":
		go panic("the plugin panicked on purpose")
		select {}
	case "kill":
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {}
	case "unknown":
		return "nobody.invalid:25", nil
	case "empty":
		return "", nil
	case "crlf":
		return proper + "\r\nRCPT TO:<victim@example.com>", nil
	case "flood":
		s.flooding.Do(func() { go flood() })
	case "huge":
		return strings.Repeat("x", 8<<20), nil
	case "error":
		return "", fmt.Errorf("the plugin has no opinion")
	}
	return proper, nil
}
