// Command cheapest_healthy is a selector plugin of generation 2: healthy
// downstreams first, the cheapest of them in front; those without a price last.
package main

import (
	"cmp"
	"context"
	"slices"

	"github.com/smtp-router/smtp-router/sdk/go/selector"
)

// CheapestHealthy keeps nothing between messages.
type CheapestHealthy struct{}

// Select answers all downstreams in the order to try them.
func (CheapestHealthy) Select(_ context.Context, request *selector.SelectRequest) (*selector.SelectReply, error) {
	order := slices.Clone(request.Downstreams)
	slices.SortStableFunc(order, func(a, b selector.Downstream) int {
		return cmp.Or(
			first(a.Healthy(), b.Healthy()),
			first(a.HasCost, b.HasCost),
			cmp.Compare(a.Cost, b.Cost),
		)
	})
	return selector.Order("cheapest healthy", order...), nil
}

// first is negative when only a has it.
func first(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	default:
		return 1
	}
}

func main() { selector.Serve(CheapestHealthy{}) }
