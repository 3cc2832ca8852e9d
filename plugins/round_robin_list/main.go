// Command round_robin_list is the round robin in the later shape of the contract:
// it answers the whole order, the downstream whose turn it is in front.
package main

import (
	"errors"
	"slices"
	"sync"

	"github.com/hashicorp/go-plugin"

	"github.com/smtp-router/smtp-router/sdk/go/list/shared"
	"github.com/smtp-router/smtp-router/sdk/go/types"
)

// RoundRobinSelector rotates the downstreams by one with each message. Messages
// are selected at the same time, hence the mutex.
type RoundRobinSelector struct {
	mu   sync.Mutex
	turn int
}

// Select answers all downstreams, beginning with the one whose turn it is.
func (s *RoundRobinSelector) Select(downstreams []types.Downstream) ([]types.Downstream, error) {
	if len(downstreams) == 0 {
		return nil, errors.New("no downstreams")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	first := s.turn % len(downstreams)
	s.turn = (first + 1) % len(downstreams)
	return slices.Concat(downstreams[first:], downstreams[:first]), nil
}

func main() {
	plugin.Serve(&plugin.ServeConfig{
		HandshakeConfig: shared.HandshakeConfig,
		Plugins: map[string]plugin.Plugin{
			"selector": &shared.SelectorPlugin{Impl: &RoundRobinSelector{}},
		},
	})
}
