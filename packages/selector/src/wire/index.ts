export { ADDRESS_V1, DOWNSTREAM_LIST_V1, type DownstreamV1, SELECT_METHOD } from './downstream-v1.ts';
export {
  SELECTOR_HANDSHAKE,
  SELECTOR_PLUGIN_KEY,
  SELECTOR_VERSION_1,
  SELECTOR_VERSION_2,
  SELECTOR_VERSIONS,
} from './handshake.ts';
export { parseDownstreamListV1, viewsOfV1 } from './list-v1.ts';
export {
  type AddressReplyV1,
  type ListReplyV1,
  parseReplyV1,
  type ReceivedReply,
  type ReplyV1,
  type ReplyV1Context,
  resolveReplyV1,
  type Tail,
} from './reply-v1.ts';
export { buildRequestV1, type PasswordLookup, type RequestV1 } from './request-v1.ts';
export * from './v2/index.ts';
