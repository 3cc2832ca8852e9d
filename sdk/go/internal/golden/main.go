// Command golden prints what encoding/gob makes of the messages of generation 2:
// one entry a run, so that type ids begin where a new process begins.
//
//	golden NAME
//
// prints {"name": NAME, "hex": [what each value adds to the stream]}.
package main

import (
	"bytes"
	"encoding/gob"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"

	"github.com/smtp-router/smtp-router/sdk/go/selector"
)

var full = selector.SelectRequest{
	ContractVersion: 2,
	RequestId:       "m1-2",
	DryRun:          true,
	TimeoutMs:       2000,
	Attempt:         2,
	Now:             1_764_000_000_123,
	Seed:            1<<53 - 1,
	Session: selector.Session{
		Listener: "127.0.0.1:2525", ClientAddress: "192.0.2.7", Helo: "client.example", IsTls: true, User: "app@example.com",
	},
	Envelope: selector.Envelope{
		MailFrom:       "sender@example.com",
		MailParameters: []string{"BODY=8BITMIME", "SMTPUTF8"},
		Recipients: []selector.Recipient{
			{Id: 0, Address: "ä@Example.org", Domain: "example.org"},
			{Id: 4_294_967_295, Address: "postmaster"},
		},
	},
	Message: selector.Message{
		SizeBytes: 52_428_800, MessageId: "<1@x>", Subject: "Grüße", From: "jane@example.com",
		Headers: []selector.Header{{Name: "X-Tag", Value: "news"}, {Name: "X-Empty"}},
	},
	Downstreams: []selector.Downstream{
		{
			Id: "ses", Addr: "ses.example:587", User: "AKIA", Weight: 3,
			Labels: map[string]string{"region": "eu"},
			Cost:   0.1, HasCost: true,
			Capabilities: selector.Capabilities{
				Known: true, MaxSizeBytes: 41_943_040, EightBitMime: true, SmtpUtf8: true, Dsn: true, Chunking: true,
			},
			State: selector.StateThrottled, LatencyMs: 120, HasLatency: true, InFlight: 7,
		},
		{Id: "own", Addr: "own.example:25", State: selector.StateUp},
	},
	History: []selector.HistoryEntry{{
		DownstreamId: "own", RecipientIds: []uint32{0, 4_294_967_295}, StartedAt: -1, DurationMs: 35, Phase: "rcpt",
		Code: 451, EnhancedCode: "4.7.1", Text: "greylisted", Kind: "deferred",
	}},
}

// entries holds the values of one stream each.
var entries = map[string][]any{
	"describe-request": {selector.DescribeRequest{ContractVersion: 2}},
	"describe-reply": {
		selector.DescribeReply{ContractVersion: 2, Name: "by domain", Version: "1.0", Headers: []string{"X-Tag", "List-Id"}},
	},
	"configure-request": {
		selector.ConfigureRequest{ContractVersion: 2, Selector: "mine", ConfigJson: `{"a":[1,"ü"]}`},
		selector.ConfigureRequest{ContractVersion: 2, Selector: "mine"},
	},
	"configure-reply": {
		selector.ConfigureReply{ContractVersion: 2, Problems: []selector.ConfigureProblem{
			{Path: "a[0]", Message: "is odd"}, {Message: "is not all"},
		}},
		selector.ConfigureReply{ContractVersion: 2},
	},
	"select-request": {full, selector.SelectRequest{ContractVersion: 2, RequestId: "m2-1", Attempt: 1}},
	"select-reply": {
		selector.SelectReply{ContractVersion: 2, Reason: "by domain", Routes: []selector.Route{
			{RecipientIds: []uint32{0}, CandidateIds: []string{"ses", "own"}},
			{RecipientIds: []uint32{4_294_967_295}, CandidateIds: []string{"own"}},
		}},
		selector.SelectReply{ContractVersion: 2, Verdict: selector.VerdictReject, Code: 554, Text: "no", Reason: "blocked"},
		selector.SelectReply{},
	},
}

func main() {
	if len(os.Args) != 2 || entries[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: golden NAME")
		os.Exit(2)
	}
	var buffer bytes.Buffer
	encoder := gob.NewEncoder(&buffer)
	stream := []string{}
	for _, value := range entries[os.Args[1]] {
		if err := encoder.Encode(value); err != nil {
			panic(err)
		}
		stream = append(stream, hex.EncodeToString(buffer.Bytes()))
		buffer.Reset()
	}
	if err := json.NewEncoder(os.Stdout).Encode(map[string]any{"name": os.Args[1], "hex": stream}); err != nil {
		panic(err)
	}
}
