export { measureCanonical } from './canonical-content.ts';
export { type ChunkCommand, formatChunkCommand, parseChunkCommand } from './chunk-command.ts';
export { ChunkReader } from './chunk-reader.ts';
export type { ContentFault } from './content-fault.ts';
export { type ContentLimits, type ContentRead, ContentReader } from './content-reader.ts';
export { isAsciiText } from './core-rules.ts';
export { DotStuffer } from './dot-stuffer.ts';
export {
  type EnhancedLine,
  enhancedCodeFor,
  isEnhancedCode,
  replyClass,
  splitEnhancedCode,
} from './enhanced-status.ts';
export type { EsmtpParameter, Mailbox, Path } from './envelope.ts';
export { formatParameter, parseParameter, parseParameters } from './esmtp-parameter.ts';
export { formatReply, formatReplyText } from './format-reply.ts';
export { type AddressOptions, parseMailbox } from './mailbox.ts';
export { formatPath, parseForwardPath, parsePath, parseReversePath } from './path.ts';
export { printableText } from './printable-text.ts';
export type { ReplyClass, SmtpReply } from './reply.ts';
export { type ReplyLimits, type ReplyRead, ReplyReader } from './reply-reader.ts';
export { decodeXtext, encodeXtext, isXtext } from './xtext.ts';
