/** The SDK for plugin authors. */
export type {
  DownstreamView,
  Route,
  RouteReply,
  SelectReply,
  SelectRequest,
  VerdictReply,
} from '../contract/index.ts';
export type { Answer, Choice } from './answer.ts';
export type { V1ReplyShape } from './selector-service.ts';
export { type ServeSelectorOptions, serveSelector } from './serve-selector.ts';
