package main

import (
	"net/rpc"

	"github.com/hashicorp/go-plugin"

	"github.com/smtp-router/smtp-router/interop/internal/contract"
)

// typeFaults serve Select with an answer of a type no host expects, from the first call on.
var typeFaults = map[string]plugin.Plugin{
	"number": &strangePlugin[int]{answer: func() int { return 7 }},
	"struct": &strangePlugin[Strange]{answer: func() Strange { return Strange{Weight: 3} }},
	"zeros":  &strangePlugin[Zeros]{answer: func() Zeros { return Zeros{Addr: "a:25"} }},
	"depth":  &strangePlugin[Depth]{answer: deep},
	"many":   &strangePlugin[[]Zeros]{answer: func() []Zeros { return make([]Zeros, 100_000) }},
}

// Strange has no field in common with anything.
type Strange struct{ Weight int }

// Zeros is a bomb: its second field takes no byte on the wire when it is nil, and 8 GiB when it is filled in.
type Zeros struct {
	Addr string
	Bomb *[1 << 30]int64
}

// Depth nests without end.
type Depth []Depth

func deep() Depth {
	answer := Depth{}
	for level := 0; level < 100_000; level++ {
		answer = Depth{answer}
	}
	return answer
}

// strangePlugin implements plugin.Plugin.
type strangePlugin[T any] struct{ answer func() T }

func (p *strangePlugin[T]) Server(*plugin.MuxBroker) (interface{}, error) {
	return &strangeServer[T]{answer: p.answer}, nil
}

func (p *strangePlugin[T]) Client(*plugin.MuxBroker, *rpc.Client) (interface{}, error) {
	return nil, nil
}

type strangeServer[T any] struct{ answer func() T }

// Select is the method net/rpc registers as Plugin.Select.
func (s *strangeServer[T]) Select(_ []contract.Downstream, answer *T) error {
	*answer = s.answer()
	return nil
}
