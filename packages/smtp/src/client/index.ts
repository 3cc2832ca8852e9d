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
