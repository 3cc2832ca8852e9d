package selector

import (
	"context"
	"time"
)

// Service answers the three calls of generation 2 for a Selector, whatever
// carries them: it is what transports are built on.
type Service struct{ Impl Selector }

// Describe says what the Selector is, when it says so.
func (s Service) Describe() DescribeReply {
	var reply DescribeReply
	if describer, ok := s.Impl.(Describer); ok {
		reply = describer.Describe()
	}
	reply.ContractVersion = ContractVersion
	return reply
}

// Configure hands over the configuration, when the Selector takes one.
func (s Service) Configure(ctx context.Context, request *ConfigureRequest) ConfigureReply {
	reply := ConfigureReply{ContractVersion: ContractVersion}
	if configurer, ok := s.Impl.(Configurer); ok {
		reply.Problems = configurer.Configure(ctx, Config(request.ConfigJson))
	}
	return reply
}

// Select asks the Selector, for as long as the host waits.
func (s Service) Select(ctx context.Context, request *SelectRequest) (*SelectReply, error) {
	ctx, cancel := contextFor(ctx, request)
	defer cancel()
	answer, err := s.Impl.Select(ctx, request)
	if err != nil {
		return nil, err
	}
	if answer == nil {
		return nil, errNoRoute
	}
	reply := *answer
	reply.ContractVersion = ContractVersion
	return &reply, nil
}

// contextFor ends when the host no longer waits; net/rpc cannot tell sooner.
func contextFor(ctx context.Context, request *SelectRequest) (context.Context, context.CancelFunc) {
	if request.TimeoutMs == 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, time.Duration(request.TimeoutMs)*time.Millisecond)
}
