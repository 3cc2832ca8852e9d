export { isHealthy } from './is-healthy.ts';
export { withoutControls } from './quote.ts';
export { type RequestOverrides, requestWith, type ViewOverrides, viewWith } from './request-defaults.ts';
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
export { validateReply } from './validate-reply.ts';
