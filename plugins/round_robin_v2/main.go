// Command round_robin_v2 is the round robin in generation 2: asking without
// sending takes nobody's turn.
package main

import (
	"context"
	"slices"
	"sync"

	"github.com/smtp-router/smtp-router/sdk/go/selector"
)

// RoundRobin rotates the downstreams by one with each message. Messages are
// selected at the same time, hence the mutex.
type RoundRobin struct {
	mu   sync.Mutex
	turn int
}

// Select answers all downstreams, beginning with the one whose turn it is.
func (s *RoundRobin) Select(_ context.Context, request *selector.SelectRequest) (*selector.SelectReply, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	first := s.turn % max(1, len(request.Downstreams))
	if !request.DryRun {
		s.turn = first + 1
	}
	order := slices.Concat(request.Downstreams[first:], request.Downstreams[:first])
	return selector.Order("in turn", order...), nil
}

func main() { selector.Serve(&RoundRobin{}) }
