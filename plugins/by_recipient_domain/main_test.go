package main

import (
	"context"
	"slices"
	"testing"

	"github.com/smtp-router/smtp-router/sdk/go/selector"
)

func request(domains ...string) *selector.SelectRequest {
	request := &selector.SelectRequest{Downstreams: []selector.Downstream{{Id: "ses"}, {Id: "own"}}}
	for index, domain := range domains {
		recipient := selector.Recipient{Id: uint32(index), Domain: domain}
		request.Envelope.Recipients = append(request.Envelope.Recipients, recipient)
	}
	return request
}

func configured(t *testing.T) *ByRecipientDomain {
	t.Helper()
	s := &ByRecipientDomain{}
	config := selector.Config(`{"domains":{"example.org":["own"]}}`)
	if problems := s.Configure(context.Background(), config); problems != nil {
		t.Fatalf("got %v", problems)
	}
	return s
}

func TestRecipientsOfADomainGoByTheirOwnDownstreams(t *testing.T) {
	reply, err := configured(t).Select(context.Background(), request("example.com", "example.org", "example.org"))
	if err != nil || len(reply.Routes) != 2 {
		t.Fatalf("got %+v, %v", reply, err)
	}
	first, second := reply.Routes[0], reply.Routes[1]
	if !slices.Equal(first.RecipientIds, []uint32{1, 2}) || !slices.Equal(first.CandidateIds, []string{"own"}) {
		t.Fatalf("got %+v", first)
	}
	if !slices.Equal(second.RecipientIds, []uint32{0}) || !slices.Equal(second.CandidateIds, []string{"ses", "own"}) {
		t.Fatalf("got %+v", second)
	}
}

func TestWithoutSuchRecipientsAllGoAsConfigured(t *testing.T) {
	for _, domains := range [][]string{{"example.com", "example.net"}, nil} {
		reply, err := configured(t).Select(context.Background(), request(domains...))
		if err != nil || len(reply.Routes) != 1 || len(reply.Routes[0].CandidateIds) != 2 {
			t.Fatalf("got %+v, %v", reply, err)
		}
	}
}

func TestADomainWithoutDownstreamsIsAProblem(t *testing.T) {
	for config, path := range map[string]string{`{"domains":{"a.b":[]}}`: `domains["a.b"]`, `{"domains":1}`: ""} {
		problems := (&ByRecipientDomain{}).Configure(context.Background(), selector.Config(config))
		if len(problems) != 1 || problems[0].Path != path {
			t.Fatalf("got %v for %s", problems, config)
		}
	}
}
