package main

import (
	"fmt"
	"strings"

	"github.com/smtp-router/smtp-router/interop/internal/contract"
)

// reportV2 is what a plugin of version 2 said, besides the answers.
type reportV2 struct {
	Description contract.DescribeReplyV2 `json:"description"`
	// Problems are the plugin's with -config; with one it is not asked.
	Problems []contract.ProblemV2     `json:"problems"`
	Replies  []contract.SelectReplyV2 `json:"replies"`
}

// questionV2 is what a plugin of version 2 is asked.
type questionV2 struct {
	config     string
	recipients string
	header     string
}

// askV2 describes, configures and asks a plugin as a host does.
func askV2(client contract.SelectorV2, calls int, offered []contract.Downstream, question questionV2, result *report) error {
	told := &reportV2{Problems: []contract.ProblemV2{}, Replies: []contract.SelectReplyV2{}}
	result.V2 = told
	var err error
	if told.Description, err = client.Describe(); err != nil {
		return fmt.Errorf("describe: %w", err)
	}
	problems, err := client.Configure("mine", question.config)
	if err != nil {
		return fmt.Errorf("configure: %w", err)
	}
	if len(problems) > 0 {
		told.Problems = problems
		return nil
	}
	for i := 0; i < calls; i++ {
		reply, err := client.Select(requestV2(i, offered, question))
		if err != nil {
			return fmt.Errorf("call %d: %w", i+1, err)
		}
		told.Replies = append(told.Replies, reply)
	}
	return nil
}

func requestV2(call int, offered []contract.Downstream, question questionV2) contract.SelectRequestV2 {
	request := contract.SelectRequestV2{
		ContractVersion: 2,
		LaterNumber:     -7,
		RequestId:       fmt.Sprintf("call-%d", call+1),
		TimeoutMs:       2000,
	}
	request.Message.Subject = "Hello"
	if name, value, ok := strings.Cut(question.header, ": "); ok {
		request.Message.Headers = []contract.HeaderV2{{Name: name, Value: value}}
	}
	for id, address := range strings.Fields(question.recipients) {
		_, domain, _ := strings.Cut(address, "@")
		recipient := contract.RecipientV2{Id: uint64(id), Address: address, Domain: domain}
		request.Envelope.Recipients = append(request.Envelope.Recipients, recipient)
	}
	for _, downstream := range offered {
		request.Downstreams = append(request.Downstreams, contract.DownstreamV2{
			Id: strings.SplitN(downstream.Addr, ".", 2)[0], Addr: downstream.Addr, State: 1, LaterWord: "unknown",
		})
	}
	return request
}
