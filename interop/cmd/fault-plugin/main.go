// fault-plugin is a selector plugin that behaves for a while and then misbehaves in one chosen way.
//
//	fault-plugin -fault NAME [-after N] [-last] [-report FILE]
//
// It answers the first N calls of its process with the first downstream offered, or with the last one, and
// commits the fault on every later one. Faults in the middle of calls, of a plugin served by go-plugin:
//
//	none       keeps answering
//	hang       never answers
//	slow       answers after -delay
//	exit       the process ends with status 3 in the middle of the call
//	panic      a goroutine panics: the Go runtime prints its trace and ends the process
//	kill       the process kills itself, as the kernel's out-of-memory killer would
//	stop       the process stands still, as by SIGSTOP
//	unknown    answers with a downstream nobody offered
//	empty      answers with an empty address
//	crlf       answers with an address that carries an SMTP command behind a line end
//	mebibyte   answers with 1 MiB of text
//	huge       answers with 8 MiB of text
//	error      answers with an error of net/rpc
//	flood      writes without end to stdout and stderr while it answers
//	long-line  writes 1 MiB to stderr and to stdout without a line end and answers
//	bad-log    writes what looks like a log record and is none, in many ways, and answers
//	unsocket   removes the socket file it listens on and answers
//	fork       leaves a child that holds its stdout, in its process group, and ends
//	fork-away  the same with a child that has left the process group and the session
//	forks      answers, with a child of each of these two kinds beside it
//	deaf       answers, and ignores both Quit and SIGTERM when it is to end
//
// Faults before it serves are in starts.go, those on the wire in wire.go, those of the answer's type in
// types.go.
//
// With -report it writes its environment, its arguments and its first request to FILE as one JSON document:
// what a plugin can see.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/signal"
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
	last   bool
	delay  time.Duration
	report string
}

func main() {
	var chosen options
	flag.StringVar(&chosen.fault, "fault", "none", "what goes wrong")
	flag.Int64Var(&chosen.after, "after", 0, "calls answered properly first")
	flag.BoolVar(&chosen.last, "last", false, "proper answers name the last downstream")
	flag.DurationVar(&chosen.delay, "delay", time.Second, "how long the fault slow takes")
	flag.StringVar(&chosen.report, "report", "", "file to write what the plugin can see to")
	flag.Parse()

	if fault, ok := startFaults[chosen.fault]; ok {
		fault()
		return
	}
	selector := &faultySelector{options: chosen}
	if fault, ok := wireFaults[chosen.fault]; ok {
		serveOnWire(selector, fault)
		return
	}
	var impl plugin.Plugin = &contract.AddressPlugin{Impl: selector}
	if strange, ok := typeFaults[chosen.fault]; ok {
		impl = strange
	}
	if chosen.fault == "deaf" {
		signal.Ignore(syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP)
	}
	plugin.Serve(&plugin.ServeConfig{
		HandshakeConfig: contract.Handshake,
		Plugins:         map[string]plugin.Plugin{contract.PluginName: impl},
	})
	if chosen.fault == "deaf" {
		time.Sleep(time.Hour)
	}
}

// faultySelector implements contract.AddressSelector.
type faultySelector struct {
	options options
	calls   atomic.Int64
	// spoiling runs once what is done once.
	spoiling sync.Once
	// onWire commits the fault of a plugin that is served by serveOnWire; the call goes on behind it.
	onWire func()
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
	proper := downstreams[0].Addr
	if s.options.last {
		proper = downstreams[len(downstreams)-1].Addr
	}
	if call <= s.options.after {
		return proper, nil
	}
	return s.misbehave(proper)
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
	case "stop":
		_ = syscall.Kill(os.Getpid(), syscall.SIGSTOP)
	case "unknown":
		return "nobody.invalid:25", nil
	case "empty":
		return "", nil
	case "crlf":
		return proper + "\r\nRCPT TO:<victim@example.com>", nil
	case "mebibyte":
		return strings.Repeat("x", 1<<20), nil
	case "huge":
		return strings.Repeat("x", 8<<20), nil
	case "error":
		return "", fmt.Errorf("the plugin has no opinion")
	case "flood":
		s.spoiling.Do(func() { go flood() })
	case "long-line":
		s.spoiling.Do(func() { go longLine() })
	case "bad-log":
		s.spoiling.Do(badLog)
	case "unsocket":
		s.spoiling.Do(removeSockets)
	case "fork":
		startChild(&syscall.SysProcAttr{})
		os.Exit(4)
	case "fork-away":
		startChild(&syscall.SysProcAttr{Setsid: true})
		os.Exit(4)
	case "forks":
		s.spoiling.Do(func() {
			startChild(&syscall.SysProcAttr{})
			startChild(&syscall.SysProcAttr{Setsid: true})
		})
	default:
		if s.onWire != nil {
			s.onWire()
		}
	}
	return proper, nil
}
