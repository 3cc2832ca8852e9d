package contract

import (
	"net/rpc"

	"github.com/hashicorp/go-plugin"
)

// The structs below state what these programs need of version 2, and a field more, as a host or plugin of another
// release would: gob matches fields by name and ignores the others.

// DownstreamV2 is one SMTP server a selector may choose.
type DownstreamV2 struct {
	Id, Addr  string
	State     int
	Cost      float64
	HasCost   bool
	Labels    map[string]string
	LaterWord string
}

// RecipientV2 is one forward-path.
type RecipientV2 struct {
	Id              uint64
	Address, Domain string
}

// HeaderV2 is one header field.
type HeaderV2 struct{ Name, Value string }

// SelectRequestV2 is the argument of Select.
type SelectRequestV2 struct {
	ContractVersion uint32
	LaterNumber     int64
	RequestId       string
	TimeoutMs       uint32
	DryRun          bool
	Envelope        struct {
		MailFrom   string
		Recipients []RecipientV2
	}
	Message struct {
		Subject string
		Headers []HeaderV2
	}
	Downstreams []DownstreamV2
}

// RouteV2 is an order of candidates for some recipients.
type RouteV2 struct {
	RecipientIds []uint64 `json:"recipients"`
	CandidateIds []string `json:"candidates"`
}

// SelectReplyV2 is the reply of Select.
type SelectReplyV2 struct {
	Routes  []RouteV2 `json:"routes"`
	Verdict int       `json:"verdict"`
	Code    uint      `json:"code"`
	Text    string    `json:"text"`
	Reason  string    `json:"reason"`
}

// DescribeReplyV2 is what a plugin says of itself.
type DescribeReplyV2 struct {
	ContractVersion uint32   `json:"contractVersion"`
	Name            string   `json:"name"`
	Version         string   `json:"version"`
	Headers         []string `json:"headers"`
}

// ProblemV2 is something wrong with the configuration.
type ProblemV2 struct {
	Path    string `json:"path"`
	Message string `json:"message"`
}

// SelectorV2 is a plugin of version 2, whatever carries its calls.
type SelectorV2 interface {
	Describe() (DescribeReplyV2, error)
	Configure(selector, configJson string) ([]ProblemV2, error)
	Select(request SelectRequestV2) (SelectReplyV2, error)
}

// PluginV2 dispenses a SelectorV2 over the transport the plugin chose; it serves nothing.
type PluginV2 struct{ plugin.NetRPCUnsupportedPlugin }

// Client implements plugin.Plugin.
func (*PluginV2) Client(_ *plugin.MuxBroker, client *rpc.Client) (interface{}, error) {
	return &netRPCClientV2{client: client}, nil
}

type netRPCClientV2 struct{ client *rpc.Client }

func (c *netRPCClientV2) Describe() (reply DescribeReplyV2, err error) {
	err = c.client.Call("Plugin.Describe", struct{ ContractVersion uint32 }{2}, &reply)
	return reply, err
}

func (c *netRPCClientV2) Configure(selector, configJson string) ([]ProblemV2, error) {
	var reply struct {
		ContractVersion uint32
		Problems        []ProblemV2
	}
	request := struct {
		ContractVersion      uint32
		Selector, ConfigJson string
	}{2, selector, configJson}
	err := c.client.Call("Plugin.Configure", request, &reply)
	return reply.Problems, err
}

func (c *netRPCClientV2) Select(request SelectRequestV2) (reply SelectReplyV2, err error) {
	err = c.client.Call("Plugin.Select", request, &reply)
	return reply, err
}
