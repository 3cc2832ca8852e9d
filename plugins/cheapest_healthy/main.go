// Command cheapest_healthy is a selector plugin of generation 2: healthy
// downstreams first, the cheapest of them in front; those without a price last.
package main

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/smtp-router/smtp-router/sdk/go/selector"
)

// CheapestHealthy keeps nothing between messages.
type CheapestHealthy struct{}

// Select answers all downstreams in the order to try them.
func (CheapestHealthy) Select(_ context.Context, request *selector.SelectRequest) (*selector.SelectReply, error) {
	order := slices.Clone(request.Downstreams)
	slices.SortStableFunc(order, func(a, b selector.Downstream) int {
		return cmp.Or(a.CompareHealth(b), cmp.Compare(price(a), price(b)))
	})
	return selector.Order("cheapest healthy", order...), nil
}

// price of what has none comes after every other.
func price(d selector.Downstream) float64 {
	if !d.HasCost {
		return math.MaxFloat64
	}
	return d.Cost
}

func main() { selector.Serve(CheapestHealthy{}) }
