import type { SmtpErrorCode } from '../errors.ts';
import type { SmtpReply } from '../grammar/reply.ts';
import type { SmtpClientEvent } from './client-event.ts';
import type { ReplyStep } from './reply-action.ts';

/** What the parts of a client session have of the session: they decide, it keeps order and speaks. */
export interface SessionLink {
  /** Sends a line, given without CRLF, and expects one reply to it. */
  ask(step: ReplyStep, line: string): void;
  emit(event: SmtpClientEvent): void;
  /** Ends the session in the phase of the reply at hand. The message is a sentence without the server's name. */
  fail(code: SmtpErrorCode, message: string, reply?: SmtpReply): void;
  /** STARTTLS was accepted. */
  wantTls(): void;
  /** Nothing is under way. */
  becomeReady(): void;
  /** A transaction is open at the server and not wanted any more. */
  resetTransaction(): void;
}
