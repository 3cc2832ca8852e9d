package main

import (
	"slices"
	"testing"

	"github.com/smtp-router/smtp-router/sdk/go/types"
)

func TestTheOrderRotates(t *testing.T) {
	selector := &RoundRobinSelector{}
	a, b, c := types.Downstream{Addr: "a:25"}, types.Downstream{Addr: "b:25"}, types.Downstream{Addr: "c:25"}
	for _, want := range [][]types.Downstream{{a, b, c}, {b, c, a}, {c, a, b}, {a, b, c}} {
		if got, err := selector.Select([]types.Downstream{a, b, c}); err != nil || !slices.Equal(got, want) {
			t.Fatalf("got %v, %v; want %v", got, err, want)
		}
	}
}

func TestTheListGivenStaysAsItIs(t *testing.T) {
	given := []types.Downstream{{Addr: "a:25"}, {Addr: "b:25"}}
	selector := &RoundRobinSelector{turn: 1}
	if _, err := selector.Select(given); err != nil {
		t.Fatal(err)
	}
	if given[0].Addr != "a:25" || given[1].Addr != "b:25" {
		t.Fatalf("the argument was changed: %v", given)
	}
}

func TestNoDownstreamsIsAnError(t *testing.T) {
	if _, err := (&RoundRobinSelector{}).Select(nil); err == nil {
		t.Fatal("want an error")
	}
}
