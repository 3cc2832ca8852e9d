package selector

import (
	"context"
	"errors"
	"net/rpc"
	"time"

	"github.com/hashicorp/go-plugin"
)

// Plugin makes both ends of generation 2 over net/rpc; plugins set Impl, hosts
// leave it nil and dispense a *Client.
type Plugin struct{ Impl Selector }

// Server implements plugin.Plugin.
func (p *Plugin) Server(*plugin.MuxBroker) (interface{}, error) {
	return &server{impl: p.Impl}, nil
}

// Client implements plugin.Plugin.
func (*Plugin) Client(_ *plugin.MuxBroker, client *rpc.Client) (interface{}, error) {
	return &Client{client: client}, nil
}

// server holds the methods net/rpc registers as Plugin.Describe,
// Plugin.Configure and Plugin.Select.
type server struct{ impl Selector }

func (s *server) Describe(_ DescribeRequest, reply *DescribeReply) error {
	if describer, ok := s.impl.(Describer); ok {
		*reply = describer.Describe()
	}
	reply.ContractVersion = ContractVersion
	return nil
}

func (s *server) Configure(request ConfigureRequest, reply *ConfigureReply) error {
	reply.ContractVersion = ContractVersion
	if configurer, ok := s.impl.(Configurer); ok {
		reply.Problems = configurer.Configure(context.Background(), Config(request.ConfigJson))
	}
	return nil
}

func (s *server) Select(request SelectRequest, reply *SelectReply) error {
	ctx, cancel := contextFor(&request)
	defer cancel()
	answer, err := s.impl.Select(ctx, &request)
	if err != nil {
		return err
	}
	if answer == nil {
		return errNoRoute
	}
	*reply = *answer
	reply.ContractVersion = ContractVersion
	return nil
}

// contextFor ends when the host no longer waits; net/rpc cannot tell sooner.
func contextFor(request *SelectRequest) (context.Context, context.CancelFunc) {
	if request.TimeoutMs == 0 {
		return context.WithCancel(context.Background())
	}
	return context.WithTimeout(context.Background(), time.Duration(request.TimeoutMs)*time.Millisecond)
}

// Client is the host's end: it asks the plugin.
type Client struct{ client *rpc.Client }

// Describe calls Plugin.Describe.
func (c *Client) Describe(ctx context.Context) (*DescribeReply, error) {
	reply := new(DescribeReply)
	return reply, c.call(ctx, "Describe", DescribeRequest{ContractVersion: ContractVersion}, reply)
}

// Configure calls Plugin.Configure.
func (c *Client) Configure(ctx context.Context, request ConfigureRequest) (*ConfigureReply, error) {
	request.ContractVersion = ContractVersion
	reply := new(ConfigureReply)
	return reply, c.call(ctx, "Configure", request, reply)
}

// Select calls Plugin.Select.
func (c *Client) Select(ctx context.Context, request *SelectRequest) (*SelectReply, error) {
	reply := new(SelectReply)
	return reply, c.call(ctx, "Select", request, reply)
}

// call waits for the answer or the end of ctx; the plugin is not told of the
// latter. The reply must not be looked at after an error.
func (c *Client) call(ctx context.Context, method string, request, reply interface{}) error {
	call := c.client.Go("Plugin."+method, request, reply, make(chan *rpc.Call, 1))
	select {
	case <-call.Done:
		return call.Error
	case <-ctx.Done():
		return errors.Join(errors.New("Plugin."+method+" was not answered in time"), ctx.Err())
	}
}
