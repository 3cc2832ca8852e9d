// Command lowest_latency is a selector plugin of generation 2: healthy
// downstreams first, the fastest of them in front. One that was never measured
// has a latency of 0 and comes first, so that it is measured.
package main

import (
	"cmp"
	"context"
	"slices"

	"github.com/smtp-router/smtp-router/sdk/go/selector"
)

// LowestLatency keeps nothing between messages.
type LowestLatency struct{}

// Select answers all downstreams in the order to try them.
func (LowestLatency) Select(_ context.Context, request *selector.SelectRequest) (*selector.SelectReply, error) {
	order := slices.Clone(request.Downstreams)
	slices.SortStableFunc(order, func(a, b selector.Downstream) int {
		return cmp.Or(a.CompareHealth(b), cmp.Compare(a.LatencyMs, b.LatencyMs))
	})
	return selector.Order("lowest latency", order...), nil
}

func main() { selector.Serve(LowestLatency{}) }
