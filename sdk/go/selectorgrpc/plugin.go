package selectorgrpc

import (
	"context"

	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"

	"github.com/smtp-router/smtp-router/sdk/go/selector"
	"github.com/smtp-router/smtp-router/sdk/go/selectorpb"
)

// Plugin makes both ends of generation 2 over gRPC; plugins set Impl, hosts leave
// it nil and dispense a *Client.
type Plugin struct {
	plugin.NetRPCUnsupportedPlugin
	Impl selector.Selector
}

var _ plugin.GRPCPlugin = (*Plugin)(nil)

// GRPCServer implements plugin.GRPCPlugin.
func (p *Plugin) GRPCServer(_ *plugin.GRPCBroker, registrar *grpc.Server) error {
	selectorpb.RegisterSelectorServer(registrar, &server{service: selector.Service{Impl: p.Impl}})
	return nil
}

// GRPCClient implements plugin.GRPCPlugin.
func (*Plugin) GRPCClient(_ context.Context, _ *plugin.GRPCBroker, conn *grpc.ClientConn) (interface{}, error) {
	return &Client{client: selectorpb.NewSelectorClient(conn)}, nil
}

// server is the generated service in the words of package selector.
type server struct {
	selectorpb.UnimplementedSelectorServer
	service selector.Service
}

func (s *server) Describe(context.Context, *selectorpb.DescribeRequest) (*selectorpb.DescribeReply, error) {
	return describeReplyToPB(s.service.Describe()), nil
}

func (s *server) Configure(ctx context.Context, request *selectorpb.ConfigureRequest) (*selectorpb.ConfigureReply, error) {
	return configureReplyToPB(s.service.Configure(ctx, configureRequestFromPB(request))), nil
}

func (s *server) Select(ctx context.Context, request *selectorpb.SelectRequest) (*selectorpb.SelectReply, error) {
	reply, err := s.service.Select(ctx, requestFromPB(request))
	if err != nil {
		return nil, err
	}
	return replyToPB(reply), nil
}

// Client is the host's end: it asks the plugin, as selector.Client does over
// net/rpc.
type Client struct{ client selectorpb.SelectorClient }

// Describe calls Describe.
func (c *Client) Describe(ctx context.Context) (*selector.DescribeReply, error) {
	request := &selectorpb.DescribeRequest{ContractVersion: selector.ContractVersion}
	reply, err := c.client.Describe(ctx, request)
	if err != nil {
		return nil, err
	}
	return describeReplyFromPB(reply), nil
}

// Configure calls Configure.
func (c *Client) Configure(ctx context.Context, request selector.ConfigureRequest) (*selector.ConfigureReply, error) {
	request.ContractVersion = selector.ContractVersion
	reply, err := c.client.Configure(ctx, configureRequestToPB(request))
	if err != nil {
		return nil, err
	}
	return configureReplyFromPB(reply), nil
}

// Select calls Select.
func (c *Client) Select(ctx context.Context, request *selector.SelectRequest) (*selector.SelectReply, error) {
	reply, err := c.client.Select(ctx, requestToPB(request))
	if err != nil {
		return nil, err
	}
	return replyFromPB(reply), nil
}
