// turn-plugin is a selector plugin that takes the downstreams in turn, in either shape of answer. It exists to be
// built against several versions of go-plugin.
//
//	turn-plugin -shape address|list
package main

import (
	"flag"
	"fmt"
	"os"
	"sync/atomic"

	"github.com/hashicorp/go-plugin"

	"github.com/smtp-router/smtp-router/interop/internal/contract"
)

func main() {
	shape := flag.String("shape", "address", "answer the plugin gives: address or list")
	flag.Parse()
	var served plugin.Plugin
	switch *shape {
	case "address":
		served = &contract.AddressPlugin{Impl: &addressTurn{}}
	case "list":
		served = &contract.ListPlugin{Impl: &listTurn{}}
	default:
		flag.Usage()
		os.Exit(2)
	}
	plugin.Serve(&plugin.ServeConfig{
		HandshakeConfig: contract.Handshake,
		Plugins:         map[string]plugin.Plugin{contract.PluginName: served},
	})
}

// turn counts the calls and rotates what is offered.
type turn struct{ calls atomic.Uint64 }

func (t *turn) rotate(offered []contract.Downstream) ([]contract.Downstream, error) {
	if len(offered) == 0 {
		return nil, fmt.Errorf("no downstream was offered")
	}
	start := int((t.calls.Add(1) - 1) % uint64(len(offered)))
	rotated := append([]contract.Downstream{}, offered[start:]...)
	return append(rotated, offered[:start]...), nil
}

// addressTurn implements contract.AddressSelector.
type addressTurn struct{ turn }

func (s *addressTurn) Select(offered []contract.Downstream) (string, error) {
	rotated, err := s.rotate(offered)
	if err != nil {
		return "", err
	}
	return rotated[0].Addr, nil
}

// listTurn implements contract.ListSelector.
type listTurn struct{ turn }

func (s *listTurn) Select(offered []contract.Downstream) ([]contract.Downstream, error) {
	return s.rotate(offered)
}
