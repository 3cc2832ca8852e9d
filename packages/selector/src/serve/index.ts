/** The SDK for plugin authors. */
export { createPluginLogger, type PluginLogger } from '@smtp-router/go-plugin/plugin';
export type {
  DownstreamView,
  Route,
  RouteReply,
  SelectReply,
  SelectRequest,
  VerdictReply,
} from '../contract/index.ts';
export { isHealthy } from '../contract/index.ts';
export type { ConfigureProblem } from '../wire/index.ts';
export type { Answer, Choice } from './answer.ts';
export type { V1ReplyShape } from './selector-service.ts';
export type { ConfigureAnswer } from './selector-service-v2.ts';
export { type SelectorTransport, type ServeSelectorOptions, serveSelector } from './serve-selector.ts';
