export { DotStuffer } from '../grammar/dot-stuffer.ts';
export type { Credentials, SaslClientExchange, SaslClientMechanism } from '../sasl/mechanism.ts';
export type {
  ContentWantedEvent,
  EnvelopeEndEvent,
  ReadyEvent,
  RecipientReplyEvent,
  SessionFailedEvent,
  SmtpClientEvent,
  SmtpPhase,
  TlsWantedEvent,
  TransactionEndEvent,
} from './client-event.ts';
export type { SmtpClientOptions, StartTlsUse } from './client-options.ts';
export { SmtpClientSession } from './smtp-client-session.ts';
export type { SmtpExtensions } from './smtp-extensions.ts';
export type { SmtpTransaction, SmtpTransactionRecipient } from './smtp-transaction.ts';
