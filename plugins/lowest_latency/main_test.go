package main

import (
	"context"
	"slices"
	"testing"

	"github.com/smtp-router/smtp-router/sdk/go/selector"
)

func TestTheFastestHealthyDownstreamComesFirst(t *testing.T) {
	request := &selector.SelectRequest{Downstreams: []selector.Downstream{
		{Id: "slow", State: selector.StateUp, LatencyMs: 900, HasLatency: true},
		{Id: "down", State: selector.StateDown, LatencyMs: 1, HasLatency: true},
		{Id: "fast", State: selector.StateUp, LatencyMs: 20, HasLatency: true},
		{Id: "new", State: selector.StateUp},
	}}
	reply, err := LowestLatency{}.Select(context.Background(), request)
	want := []string{"new", "fast", "slow", "down"}
	if err != nil || !slices.Equal(reply.Routes[0].CandidateIds, want) {
		t.Fatalf("got %+v, %v; want %v", reply, err, want)
	}
}
