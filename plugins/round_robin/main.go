// Command round_robin is a selector plugin: each message goes to the next
// downstream. It keeps its turn for as long as the router runs it.
package main

import (
	"errors"
	"sync"

	"github.com/hashicorp/go-plugin"

	"github.com/smtp-router/smtp-router/sdk/go/shared"
	"github.com/smtp-router/smtp-router/sdk/go/types"
)

// RoundRobinSelector takes the downstreams in turn. Messages are selected at the
// same time, hence the mutex.
type RoundRobinSelector struct {
	mu   sync.Mutex
	turn int
}

// Select answers the address of the downstream whose turn it is.
func (s *RoundRobinSelector) Select(downstreams []types.Downstream) (string, error) {
	if len(downstreams) == 0 {
		return "", errors.New("no downstreams")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	chosen := downstreams[s.turn%len(downstreams)]
	s.turn = (s.turn + 1) % len(downstreams)
	return chosen.Addr, nil
}

func main() {
	plugin.Serve(&plugin.ServeConfig{
		HandshakeConfig: shared.HandshakeConfig,
		Plugins: map[string]plugin.Plugin{
			"selector": &shared.SelectorPlugin{Impl: &RoundRobinSelector{}},
		},
	})
}
