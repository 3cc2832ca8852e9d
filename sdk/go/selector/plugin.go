package selector

import (
	"context"
	"errors"
	"net/rpc"

	"github.com/hashicorp/go-plugin"
)

// Plugin makes both ends of generation 2 over net/rpc; plugins set Impl, hosts
// leave it nil and dispense a *Client.
type Plugin struct{ Impl Selector }

// Server implements plugin.Plugin.
func (p *Plugin) Server(*plugin.MuxBroker) (interface{}, error) {
	return &server{service: Service{Impl: p.Impl}}, nil
}

// Client implements plugin.Plugin.
func (*Plugin) Client(_ *plugin.MuxBroker, client *rpc.Client) (interface{}, error) {
	return &Client{client: client}, nil
}

// server holds the methods net/rpc registers as Plugin.Describe,
// Plugin.Configure and Plugin.Select.
type server struct{ service Service }

func (s *server) Describe(_ DescribeRequest, reply *DescribeReply) error {
	*reply = s.service.Describe()
	return nil
}

func (s *server) Configure(request ConfigureRequest, reply *ConfigureReply) error {
	*reply = s.service.Configure(context.Background(), &request)
	return nil
}

func (s *server) Select(request SelectRequest, reply *SelectReply) error {
	answer, err := s.service.Select(context.Background(), &request)
	if err != nil {
		return err
	}
	*reply = *answer
	return nil
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
