package selector

import (
	"context"
	"fmt"
	"slices"

	"github.com/smtp-router/smtp-router/sdk/go/types"
)

// v1Adapter asks a Selector for a host of generation 1, which tells nothing but
// the downstreams. Passwords do not reach the Selector.
type v1Adapter struct{ impl Selector }

// choose answers positions in the list, in the order chosen.
func (a v1Adapter) choose(list []types.Downstream) ([]int, error) {
	request := &SelectRequest{ContractVersion: 1, Attempt: 1, Downstreams: viewsOfV1(list)}
	reply, err := a.impl.Select(context.Background(), request)
	switch {
	case err != nil:
		return nil, err
	case reply == nil:
		return nil, errNoRoute
	case reply.Verdict != VerdictUnspecified:
		return nil, errVerdict(reply)
	case len(reply.Routes) != 1 || len(reply.Routes[0].CandidateIds) == 0:
		return nil, errNoRoute
	}
	chosen := make([]int, 0, len(list))
	for _, id := range reply.Routes[0].CandidateIds {
		index := slices.IndexFunc(request.Downstreams, func(d Downstream) bool { return d.Id == id })
		if index < 0 {
			return nil, fmt.Errorf("%q is not among the downstreams", id)
		}
		chosen = append(chosen, index)
	}
	return chosen, nil
}

// viewsOfV1 answers one view per entry. An id is the address, user@address
// where an address stands twice, and a number behind that where this repeats.
func viewsOfV1(list []types.Downstream) []Downstream {
	counts := map[string]int{}
	for _, entry := range list {
		counts[entry.Addr]++
	}
	taken := map[string]bool{}
	views := make([]Downstream, 0, len(list))
	for _, entry := range list {
		name := entry.Addr
		if counts[name] > 1 {
			name = entry.User + "@" + entry.Addr
		}
		id := name
		for number := 2; taken[id]; number++ {
			id = fmt.Sprintf("%s#%d", name, number)
		}
		taken[id] = true
		views = append(views, Downstream{Id: id, Addr: entry.Addr, User: entry.User, Weight: 1})
	}
	return views
}

// v1Address implements the contract as first written.
type v1Address struct{ v1Adapter }

func (a v1Address) Select(list []types.Downstream) (string, error) {
	chosen, err := a.choose(list)
	if err != nil {
		return "", err
	}
	return list[chosen[0]].Addr, nil
}

// v1List implements the contract as later changed; entries go back as they came.
type v1List struct{ v1Adapter }

func (a v1List) Select(list []types.Downstream) ([]types.Downstream, error) {
	chosen, err := a.choose(list)
	if err != nil {
		return nil, err
	}
	answer := make([]types.Downstream, 0, len(chosen))
	for _, index := range chosen {
		answer = append(answer, list[index])
	}
	return answer, nil
}
