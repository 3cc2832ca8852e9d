// Command by_recipient_domain is a selector plugin of generation 2: recipients
// of some domains go by downstreams of their own, all others as configured. Its
// config names them:
//
//	config:
//	  domains:
//	    example.org: [ses, own]
package main

import (
	"context"
	"fmt"
	"sync"

	"github.com/smtp-router/smtp-router/sdk/go/selector"
)

// ByRecipientDomain splits a message by the domains of its recipients.
type ByRecipientDomain struct {
	mu sync.RWMutex
	// domains holds ids of downstreams by domain.
	domains map[string][]string
}

// Describe implements selector.Describer.
func (s *ByRecipientDomain) Describe() selector.DescribeReply {
	return selector.DescribeReply{Name: "by recipient domain", Version: "1"}
}

// Configure implements selector.Configurer.
func (s *ByRecipientDomain) Configure(_ context.Context, config selector.Config) []selector.ConfigureProblem {
	var read struct {
		Domains map[string][]string `json:"domains"`
	}
	if err := config.Decode(&read); err != nil {
		return []selector.ConfigureProblem{{Message: err.Error()}}
	}
	var problems []selector.ConfigureProblem
	for domain, ids := range read.Domains {
		if len(ids) == 0 {
			path := fmt.Sprintf("domains[%q]", domain)
			problems = append(problems, selector.ConfigureProblem{Path: path, Message: "names no downstream"})
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.domains = read.Domains
	return problems
}

// Select answers one route for each set of downstreams that recipients need.
func (s *ByRecipientDomain) Select(_ context.Context, request *selector.SelectRequest) (*selector.SelectReply, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var others []selector.Recipient
	byDomain := map[string][]selector.Recipient{}
	var order []string
	for _, recipient := range request.Envelope.Recipients {
		domain := recipient.Domain
		if _, ok := s.domains[domain]; !ok {
			others = append(others, recipient)
			continue
		}
		if byDomain[domain] == nil {
			order = append(order, domain)
		}
		byDomain[domain] = append(byDomain[domain], recipient)
	}
	var routes []selector.Route
	for _, domain := range order {
		route := selector.RouteOf(byDomain[domain])
		route.CandidateIds = s.domains[domain]
		routes = append(routes, route)
	}
	if len(others) > 0 || len(routes) == 0 {
		routes = append(routes, selector.RouteOf(others, request.Downstreams...))
	}
	return selector.Split("by recipient domain", routes...), nil
}

func main() { selector.Serve(&ByRecipientDomain{}) }
