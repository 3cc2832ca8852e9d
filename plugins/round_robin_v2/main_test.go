package main

import (
	"context"
	"slices"
	"testing"

	"github.com/smtp-router/smtp-router/sdk/go/selector"
)

func TestEveryDownstreamGetsItsTurnWhateverIsAskedInBetween(t *testing.T) {
	s := &RoundRobin{}
	downstreams := []selector.Downstream{{Id: "a"}, {Id: "b"}, {Id: "c"}}
	for _, want := range [][]string{{"a", "b", "c"}, {"b", "c", "a"}, {"c", "a", "b"}, {"a", "b", "c"}} {
		for _, dryRun := range []bool{true, false} {
			request := &selector.SelectRequest{DryRun: dryRun, Downstreams: downstreams}
			reply, err := s.Select(context.Background(), request)
			if err != nil || !slices.Equal(reply.Routes[0].CandidateIds, want) {
				t.Fatalf("got %+v, %v; want %v", reply, err, want)
			}
		}
	}
}

func TestNoDownstreamsAreNoProblemOfThePlugin(t *testing.T) {
	if _, err := (&RoundRobin{}).Select(context.Background(), &selector.SelectRequest{}); err != nil {
		t.Fatal(err)
	}
}
