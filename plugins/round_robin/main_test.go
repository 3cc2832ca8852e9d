package main

import (
	"sync"
	"testing"

	"github.com/smtp-router/smtp-router/sdk/go/types"
)

func TestEveryDownstreamGetsItsTurn(t *testing.T) {
	selector := &RoundRobinSelector{}
	downstreams := []types.Downstream{{Addr: "a:25"}, {Addr: "b:25"}, {Addr: "c:25"}}
	for _, want := range []string{"a:25", "b:25", "c:25", "a:25"} {
		if got, err := selector.Select(downstreams); err != nil || got != want {
			t.Fatalf("got %q, %v; want %q", got, err, want)
		}
	}
}

func TestTurnsStayEvenUnderConcurrency(t *testing.T) {
	selector := &RoundRobinSelector{}
	downstreams := []types.Downstream{{Addr: "a:25"}, {Addr: "b:25"}}
	var mu sync.Mutex
	counts := map[string]int{}
	var group sync.WaitGroup
	for range 100 {
		group.Add(1)
		go func() {
			defer group.Done()
			chosen, _ := selector.Select(downstreams)
			mu.Lock()
			defer mu.Unlock()
			counts[chosen]++
		}()
	}
	group.Wait()
	if counts["a:25"] != 50 || counts["b:25"] != 50 {
		t.Fatalf("got %v, want 50 each", counts)
	}
}

func TestAListThatShrinksIsNoProblem(t *testing.T) {
	selector := &RoundRobinSelector{turn: 2}
	if got, err := selector.Select([]types.Downstream{{Addr: "a:25"}}); err != nil || got != "a:25" {
		t.Fatalf("got %q, %v; want a:25", got, err)
	}
}

func TestNoDownstreamsIsAnError(t *testing.T) {
	if _, err := (&RoundRobinSelector{}).Select(nil); err == nil {
		t.Fatal("want an error")
	}
}
