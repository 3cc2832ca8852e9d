export type { Route, RouteReply, SelectReply, VerdictReply } from './select-reply.ts';
export type {
  DownstreamCapabilities,
  DownstreamState,
  DownstreamView,
  SelectEnvelope,
  SelectHeader,
  SelectHistoryEntry,
  SelectMessage,
  SelectRecipient,
  SelectRequest,
  SelectSession,
} from './select-request.ts';
export type { Selector } from './selector.ts';
