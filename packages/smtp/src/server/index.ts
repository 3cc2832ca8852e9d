export type { ContentFault } from '../grammar/content-fault.ts';
export type {
  AuthEvent,
  CloseEvent,
  ContentEndEvent,
  ContentEvent,
  DataEvent,
  HelloEvent,
  MailEvent,
  ProtocolErrorEvent,
  RcptEvent,
  ResetEvent,
  SmtpServerEvent,
  StartTlsEvent,
} from './server-event.ts';
export type { ServerMechanism, SmtpServerOptions } from './server-options.ts';
export type { SmtpServerPhase } from './server-state.ts';
export { SmtpServerSession } from './smtp-server-session.ts';
