package main

import (
	"context"
	"slices"
	"sync"

	"github.com/smtp-router/smtp-router/sdk/go/selector"
)

// Strategy takes healthy downstreams in turn. Change this file.
type Strategy struct {
	// Messages are decided about at the same time.
	mu    sync.Mutex
	turn  int
	avoid []string
}

// Describe implements selector.Describer. Header fields that Select looks at are
// named here: Headers: []string{"X-Tag"}.
func (s *Strategy) Describe() selector.DescribeReply {
	return selector.DescribeReply{Name: "my-selector", Version: "0.1.0"}
}

// Configure implements selector.Configurer: it takes the operator's config before
// the first message and answers what is wrong with it, by place.
func (s *Strategy) Configure(_ context.Context, config selector.Config) []selector.ConfigureProblem {
	var read struct {
		// Avoid names downstreams that are never tried.
		Avoid []string `json:"avoid"`
	}
	if err := config.Decode(&read); err != nil {
		return []selector.ConfigureProblem{{Path: "avoid", Message: err.Error()}}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.avoid = read.Avoid
	return nil
}

// Select decides about one message: which downstreams to try, in what order, and
// why. ctx ends with the time the router grants.
func (s *Strategy) Select(_ context.Context, request *selector.SelectRequest) (*selector.SelectReply, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var usable []selector.Downstream
	for _, downstream := range request.Downstreams {
		if !slices.Contains(s.avoid, downstream.Id) {
			usable = append(usable, downstream)
		}
	}
	if len(usable) == 0 {
		return selector.Defer("No route at the moment", "all are to be avoided"), nil
	}
	first := s.turn % len(usable)
	// Nothing will be sent in a dry run: decide as ever, and change no state.
	if !request.DryRun {
		s.turn++
	}
	order := slices.Concat(usable[first:], usable[:first])
	slices.SortStableFunc(order, selector.Downstream.CompareHealth)
	return selector.Order("healthy ones in turn", order...), nil
}
