package main

import (
	"context"
	"slices"
	"testing"

	"github.com/smtp-router/smtp-router/sdk/go/selector"
)

func TestADownstreamThatFailedTwiceComesLast(t *testing.T) {
	for _, test := range []struct{ failed, want []string }{
		{nil, []string{"a", "b", "c"}},
		{[]string{"a", "b"}, []string{"a", "b", "c"}},
		{[]string{"a", "b", "a"}, []string{"b", "c", "a"}},
	} {
		request := &selector.SelectRequest{
			Downstreams: []selector.Downstream{{Id: "a"}, {Id: "b"}, {Id: "c"}},
			History:     []selector.HistoryEntry{{DownstreamId: "b", Kind: "delivered"}},
		}
		for _, id := range test.failed {
			request.History = append(request.History, selector.HistoryEntry{DownstreamId: id, Kind: "deferred"})
		}
		reply, err := ElsewhereAfterTwoFailures{}.Select(context.Background(), request)
		if err != nil || !slices.Equal(reply.Routes[0].CandidateIds, test.want) {
			t.Fatalf("got %+v, %v for %v; want %v", reply, err, test.failed, test.want)
		}
	}
}
