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
  /**
   * The content goes with the envelope, in one BDAT of that many bytes (RFC 3030): the caller writes them,
   * neither more nor less, right behind the output that `begin` leads to. From then on only replies tell
   * what became of the message. Needs PIPELINING and CHUNKING of the server; never together with `holdData`.
   */
  readonly chunkBytes?: number | undefined;
}

/** One RCPT command. */
export interface SmtpTransactionRecipient {
  readonly path: Path;
  /** Only what the server offers. */
  readonly parameters: readonly EsmtpParameter[];
}
