package contract

import (
	"context"
	"time"

	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"

	"github.com/smtp-router/smtp-router/interop/internal/selectorpb"
)

// grpcTimeout bounds each call over gRPC.
const grpcTimeout = 10 * time.Second

// GRPCServer implements plugin.GRPCPlugin; nothing is served.
func (*PluginV2) GRPCServer(*plugin.GRPCBroker, *grpc.Server) error { return nil }

// GRPCClient implements plugin.GRPCPlugin.
func (*PluginV2) GRPCClient(_ context.Context, _ *plugin.GRPCBroker, conn *grpc.ClientConn) (interface{}, error) {
	return &grpcClientV2{conn: conn}, nil
}

type grpcClientV2 struct{ conn *grpc.ClientConn }

// invoke calls by name, without generated stubs, so that every release of grpc serves.
func (c *grpcClientV2) invoke(method string, request, reply interface{}) error {
	ctx, cancel := context.WithTimeout(context.Background(), grpcTimeout)
	defer cancel()
	return c.conn.Invoke(ctx, "/smtp_router.selector.v2.Selector/"+method, request, reply)
}

func (c *grpcClientV2) Describe() (DescribeReplyV2, error) {
	var reply selectorpb.DescribeReply
	err := c.invoke("Describe", &selectorpb.DescribeRequest{ContractVersion: 2}, &reply)
	return DescribeReplyV2{
		ContractVersion: reply.GetContractVersion(),
		Name:            reply.GetName(),
		Version:         reply.GetVersion(),
		Headers:         reply.GetHeaders(),
	}, err
}

func (c *grpcClientV2) Configure(selector, configJson string) ([]ProblemV2, error) {
	request := &selectorpb.ConfigureRequest{ContractVersion: 2, Selector: selector, ConfigJson: configJson}
	var reply selectorpb.ConfigureReply
	err := c.invoke("Configure", request, &reply)
	var problems []ProblemV2
	for _, problem := range reply.GetProblems() {
		problems = append(problems, ProblemV2{Path: problem.GetPath(), Message: problem.GetMessage()})
	}
	return problems, err
}

func (c *grpcClientV2) Select(request SelectRequestV2) (SelectReplyV2, error) {
	var reply selectorpb.SelectReply
	err := c.invoke("Select", requestToPB(request), &reply)
	answer := SelectReplyV2{
		Verdict: int(reply.GetVerdict()),
		Code:    uint(reply.GetCode()),
		Text:    reply.GetText(),
		Reason:  reply.GetReason(),
	}
	for _, route := range reply.GetRoutes() {
		var recipients []uint64
		for _, id := range route.GetRecipientIds() {
			recipients = append(recipients, uint64(id))
		}
		answer.Routes = append(answer.Routes, RouteV2{RecipientIds: recipients, CandidateIds: route.GetCandidateIds()})
	}
	return answer, err
}

func requestToPB(r SelectRequestV2) *selectorpb.SelectRequest {
	request := &selectorpb.SelectRequest{
		ContractVersion: r.ContractVersion,
		RequestId:       r.RequestId,
		TimeoutMs:       r.TimeoutMs,
		DryRun:          r.DryRun,
		Envelope:        &selectorpb.Envelope{MailFrom: r.Envelope.MailFrom},
		Message:         &selectorpb.Message{Subject: r.Message.Subject},
	}
	for _, to := range r.Envelope.Recipients {
		request.Envelope.Recipients = append(request.Envelope.Recipients,
			&selectorpb.Recipient{Id: uint32(to.Id), Address: to.Address, Domain: to.Domain})
	}
	for _, header := range r.Message.Headers {
		request.Message.Headers = append(request.Message.Headers,
			&selectorpb.Header{Name: header.Name, Value: header.Value})
	}
	for _, d := range r.Downstreams {
		request.Downstreams = append(request.Downstreams, &selectorpb.Downstream{
			Id: d.Id, Addr: d.Addr, State: selectorpb.DownstreamState(d.State),
			Cost: d.Cost, HasCost: d.HasCost, Labels: d.Labels,
		})
	}
	return request
}
