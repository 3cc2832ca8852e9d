export type { EsmtpParameter, Mailbox, Path } from './envelope.ts';
export type { ReplyClass, SmtpReply } from './reply.ts';
