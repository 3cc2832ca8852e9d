import type { EsmtpParameter, Path } from '../grammar/envelope.ts';

/** One mail transaction to be made (RFC 5321 §3.3). */
export interface SmtpTransaction {
  readonly reversePath: Path;
  /** Only what the server offers, see `extensions`. */
  readonly mailParameters: readonly EsmtpParameter[];
  /** At least one. */
  readonly recipients: readonly SmtpTransactionRecipient[];
  /** DATA waits for every reply to RCPT and for `sendData()`. */
  readonly holdData: boolean;
}

/** One RCPT command. */
export interface SmtpTransactionRecipient {
  readonly path: Path;
  /** Only what the server offers. */
  readonly parameters: readonly EsmtpParameter[];
}
