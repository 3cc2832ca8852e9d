package selectorgrpc

import (
	"github.com/smtp-router/smtp-router/sdk/go/selector"
	"github.com/smtp-router/smtp-router/sdk/go/selectorpb"
)

// The functions below go field by field from the plain structs to the generated
// messages and back. A test fills every field and finds it on the other side.

// each converts a list; an empty one is nil, as it is off the wire.
func each[From, To any](list []From, convert func(From) To) []To {
	if len(list) == 0 {
		return nil
	}
	converted := make([]To, 0, len(list))
	for _, one := range list {
		converted = append(converted, convert(one))
	}
	return converted
}

func describeReplyToPB(d selector.DescribeReply) *selectorpb.DescribeReply {
	return &selectorpb.DescribeReply{
		ContractVersion: d.ContractVersion, Name: d.Name, Version: d.Version, Headers: d.Headers,
	}
}

func describeReplyFromPB(d *selectorpb.DescribeReply) *selector.DescribeReply {
	return &selector.DescribeReply{
		ContractVersion: d.GetContractVersion(), Name: d.GetName(), Version: d.GetVersion(), Headers: d.GetHeaders(),
	}
}

func configureRequestToPB(c selector.ConfigureRequest) *selectorpb.ConfigureRequest {
	return &selectorpb.ConfigureRequest{
		ContractVersion: c.ContractVersion, Selector: c.Selector, ConfigJson: c.ConfigJson,
	}
}

func configureRequestFromPB(c *selectorpb.ConfigureRequest) *selector.ConfigureRequest {
	return &selector.ConfigureRequest{
		ContractVersion: c.GetContractVersion(), Selector: c.GetSelector(), ConfigJson: c.GetConfigJson(),
	}
}

func configureReplyToPB(c selector.ConfigureReply) *selectorpb.ConfigureReply {
	return &selectorpb.ConfigureReply{
		ContractVersion: c.ContractVersion,
		Problems: each(c.Problems, func(p selector.ConfigureProblem) *selectorpb.ConfigureProblem {
			return &selectorpb.ConfigureProblem{Path: p.Path, Message: p.Message}
		}),
	}
}

func configureReplyFromPB(c *selectorpb.ConfigureReply) *selector.ConfigureReply {
	return &selector.ConfigureReply{
		ContractVersion: c.GetContractVersion(),
		Problems: each(c.GetProblems(), func(p *selectorpb.ConfigureProblem) selector.ConfigureProblem {
			return selector.ConfigureProblem{Path: p.GetPath(), Message: p.GetMessage()}
		}),
	}
}

func replyToPB(r *selector.SelectReply) *selectorpb.SelectReply {
	return &selectorpb.SelectReply{
		ContractVersion: r.ContractVersion,
		Routes: each(r.Routes, func(route selector.Route) *selectorpb.Route {
			return &selectorpb.Route{RecipientIds: route.RecipientIds, CandidateIds: route.CandidateIds}
		}),
		Verdict: selectorpb.Verdict(r.Verdict),
		Code:    r.Code,
		Text:    r.Text,
		Reason:  r.Reason,
	}
}

func replyFromPB(r *selectorpb.SelectReply) *selector.SelectReply {
	return &selector.SelectReply{
		ContractVersion: r.GetContractVersion(),
		Routes: each(r.GetRoutes(), func(route *selectorpb.Route) selector.Route {
			return selector.Route{RecipientIds: route.GetRecipientIds(), CandidateIds: route.GetCandidateIds()}
		}),
		Verdict: selector.Verdict(r.GetVerdict()),
		Code:    r.GetCode(),
		Text:    r.GetText(),
		Reason:  r.GetReason(),
	}
}

func requestToPB(r *selector.SelectRequest) *selectorpb.SelectRequest {
	return &selectorpb.SelectRequest{
		ContractVersion: r.ContractVersion,
		RequestId:       r.RequestId,
		DryRun:          r.DryRun,
		TimeoutMs:       r.TimeoutMs,
		Attempt:         r.Attempt,
		Now:             r.Now,
		Seed:            r.Seed,
		Session: &selectorpb.Session{
			Listener:      r.Session.Listener,
			ClientAddress: r.Session.ClientAddress,
			Helo:          r.Session.Helo,
			IsTls:         r.Session.IsTls,
			User:          r.Session.User,
		},
		Envelope: &selectorpb.Envelope{
			MailFrom:       r.Envelope.MailFrom,
			MailParameters: r.Envelope.MailParameters,
			Recipients: each(r.Envelope.Recipients, func(to selector.Recipient) *selectorpb.Recipient {
				return &selectorpb.Recipient{Id: to.Id, Address: to.Address, Domain: to.Domain}
			}),
		},
		Message: &selectorpb.Message{
			SizeBytes: r.Message.SizeBytes,
			MessageId: r.Message.MessageId,
			Subject:   r.Message.Subject,
			From:      r.Message.From,
			Headers: each(r.Message.Headers, func(field selector.Header) *selectorpb.Header {
				return &selectorpb.Header{Name: field.Name, Value: field.Value}
			}),
		},
		Downstreams: each(r.Downstreams, downstreamToPB),
		History:     each(r.History, historyToPB),
	}
}

func requestFromPB(r *selectorpb.SelectRequest) *selector.SelectRequest {
	return &selector.SelectRequest{
		ContractVersion: r.GetContractVersion(),
		RequestId:       r.GetRequestId(),
		DryRun:          r.GetDryRun(),
		TimeoutMs:       r.GetTimeoutMs(),
		Attempt:         r.GetAttempt(),
		Now:             r.GetNow(),
		Seed:            r.GetSeed(),
		Session: selector.Session{
			Listener:      r.GetSession().GetListener(),
			ClientAddress: r.GetSession().GetClientAddress(),
			Helo:          r.GetSession().GetHelo(),
			IsTls:         r.GetSession().GetIsTls(),
			User:          r.GetSession().GetUser(),
		},
		Envelope: selector.Envelope{
			MailFrom:       r.GetEnvelope().GetMailFrom(),
			MailParameters: r.GetEnvelope().GetMailParameters(),
			Recipients: each(r.GetEnvelope().GetRecipients(), func(to *selectorpb.Recipient) selector.Recipient {
				return selector.Recipient{Id: to.GetId(), Address: to.GetAddress(), Domain: to.GetDomain()}
			}),
		},
		Message: selector.Message{
			SizeBytes: r.GetMessage().GetSizeBytes(),
			MessageId: r.GetMessage().GetMessageId(),
			Subject:   r.GetMessage().GetSubject(),
			From:      r.GetMessage().GetFrom(),
			Headers: each(r.GetMessage().GetHeaders(), func(field *selectorpb.Header) selector.Header {
				return selector.Header{Name: field.GetName(), Value: field.GetValue()}
			}),
		},
		Downstreams: each(r.GetDownstreams(), downstreamFromPB),
		History:     each(r.GetHistory(), historyFromPB),
	}
}

func downstreamToPB(d selector.Downstream) *selectorpb.Downstream {
	return &selectorpb.Downstream{
		Id:      d.Id,
		Addr:    d.Addr,
		User:    d.User,
		Weight:  d.Weight,
		Labels:  d.Labels,
		Cost:    d.Cost,
		HasCost: d.HasCost,
		Capabilities: &selectorpb.Capabilities{
			Known:        d.Capabilities.Known,
			MaxSizeBytes: d.Capabilities.MaxSizeBytes,
			EightBitMime: d.Capabilities.EightBitMime,
			SmtpUtf8:     d.Capabilities.SmtpUtf8,
			Dsn:          d.Capabilities.Dsn,
			Chunking:     d.Capabilities.Chunking,
		},
		State:      selectorpb.DownstreamState(d.State),
		LatencyMs:  d.LatencyMs,
		HasLatency: d.HasLatency,
		InFlight:   d.InFlight,
	}
}

func downstreamFromPB(d *selectorpb.Downstream) selector.Downstream {
	return selector.Downstream{
		Id:      d.GetId(),
		Addr:    d.GetAddr(),
		User:    d.GetUser(),
		Weight:  d.GetWeight(),
		Labels:  d.GetLabels(),
		Cost:    d.GetCost(),
		HasCost: d.GetHasCost(),
		Capabilities: selector.Capabilities{
			Known:        d.GetCapabilities().GetKnown(),
			MaxSizeBytes: d.GetCapabilities().GetMaxSizeBytes(),
			EightBitMime: d.GetCapabilities().GetEightBitMime(),
			SmtpUtf8:     d.GetCapabilities().GetSmtpUtf8(),
			Dsn:          d.GetCapabilities().GetDsn(),
			Chunking:     d.GetCapabilities().GetChunking(),
		},
		State:      selector.DownstreamState(d.GetState()),
		LatencyMs:  d.GetLatencyMs(),
		HasLatency: d.GetHasLatency(),
		InFlight:   d.GetInFlight(),
	}
}

func historyToPB(h selector.HistoryEntry) *selectorpb.HistoryEntry {
	return &selectorpb.HistoryEntry{
		DownstreamId: h.DownstreamId,
		RecipientIds: h.RecipientIds,
		StartedAt:    h.StartedAt,
		DurationMs:   h.DurationMs,
		Phase:        h.Phase,
		Code:         h.Code,
		EnhancedCode: h.EnhancedCode,
		Text:         h.Text,
		Kind:         h.Kind,
	}
}

func historyFromPB(h *selectorpb.HistoryEntry) selector.HistoryEntry {
	return selector.HistoryEntry{
		DownstreamId: h.GetDownstreamId(),
		RecipientIds: h.GetRecipientIds(),
		StartedAt:    h.GetStartedAt(),
		DurationMs:   h.GetDurationMs(),
		Phase:        h.GetPhase(),
		Code:         h.GetCode(),
		EnhancedCode: h.GetEnhancedCode(),
		Text:         h.GetText(),
		Kind:         h.GetKind(),
	}
}
