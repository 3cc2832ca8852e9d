package main

import (
	"context"
	"slices"
	"testing"

	"github.com/smtp-router/smtp-router/sdk/go/selector"
)

func TestTheCheapestHealthyDownstreamComesFirst(t *testing.T) {
	request := &selector.SelectRequest{Downstreams: []selector.Downstream{
		{Id: "unpriced", State: selector.StateUp},
		{Id: "dear", State: selector.StateUp, Cost: 2, HasCost: true},
		{Id: "down", State: selector.StateDown, Cost: 0, HasCost: true},
		{Id: "free", State: selector.StateUp, Cost: 0, HasCost: true},
	}}
	reply, err := CheapestHealthy{}.Select(context.Background(), request)
	want := []string{"free", "dear", "unpriced", "down"}
	if err != nil || !slices.Equal(reply.Routes[0].CandidateIds, want) {
		t.Fatalf("got %+v, %v; want %v", reply, err, want)
	}
}
