package main

import (
	"context"
	"slices"
	"testing"

	"github.com/smtp-router/smtp-router/sdk/go/selector"
)

func request(downstreams ...selector.Downstream) *selector.SelectRequest {
	return &selector.SelectRequest{Downstreams: downstreams}
}

func up(id string) selector.Downstream {
	return selector.Downstream{Id: id, State: selector.StateUp}
}

// order is what the strategy chooses for all recipients.
func order(t *testing.T, s *Strategy, r *selector.SelectRequest) []string {
	t.Helper()
	reply, err := s.Select(context.Background(), r)
	if err != nil || len(reply.Routes) != 1 {
		t.Fatalf("got %+v, %v; want one route", reply, err)
	}
	return reply.Routes[0].CandidateIds
}

func TestEachMessageBeginsWithTheNextWhateverIsAskedInBetween(t *testing.T) {
	s := &Strategy{}
	for _, want := range []string{"ses", "own", "far", "ses"} {
		for _, dryRun := range []bool{true, false} {
			r := request(up("ses"), up("own"), up("far"))
			r.DryRun = dryRun
			if got := order(t, s, r)[0]; got != want {
				t.Fatalf("got %q, want %q", got, want)
			}
		}
	}
}

func TestOneThatIsDownComesLast(t *testing.T) {
	down := selector.Downstream{Id: "ses", State: selector.StateDown}
	if got := order(t, &Strategy{}, request(down, up("own"))); !slices.Equal(got, []string{"own", "ses"}) {
		t.Fatalf("got %v", got)
	}
}

func TestNobodyLeftIsADeferral(t *testing.T) {
	s := &Strategy{avoid: []string{"ses"}}
	reply, err := s.Select(context.Background(), request(up("ses")))
	if err != nil || reply.Verdict != selector.VerdictDefer {
		t.Fatalf("got %+v, %v", reply, err)
	}
}
