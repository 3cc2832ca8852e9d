export {
  type ConfigureProblem,
  decodeConfigurationV2,
  decodeProblemsV2,
  encodeConfigurationV2,
  encodeProblemsV2,
  type SelectorConfiguration,
} from './configuration.ts';
export { decodeDescriptionV2, encodeDescriptionV2, type SelectorDescription } from './description.ts';
export * from './gob-types.ts';
export { CONFIGURE_METHOD, DESCRIBE_METHOD, SELECTOR_SERVICE } from './methods.ts';
export { decodeSelectReplyV2, encodeSelectReplyV2 } from './select-reply.ts';
export { decodeSelectRequestV2, encodeSelectRequestV2, type SendingFacts } from './select-request.ts';
