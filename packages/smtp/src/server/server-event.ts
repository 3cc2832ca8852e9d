/**
 * What the server engine reports, and what it wants to hear back. Events marked *asks* stop the
 * engine until exactly one answer was given; the others need none. The engine itself answers
 * syntax errors, bad sequences, unknown commands, NOOP, VRFY, HELP and over-long lines.
 */
import type { ContentFault } from '../grammar/content-fault.ts';
import type { EsmtpParameter, Path } from '../grammar/envelope.ts';

export type SmtpServerEvent =
  | HelloEvent
  | StartTlsEvent
  | AuthEvent
  | MailEvent
  | RcptEvent
  | DataEvent
  | ContentEvent
  | ContentEndEvent
  | ResetEvent
  | ProtocolErrorEvent
  | CloseEvent;

/** EHLO or HELO was accepted and answered; any mail transaction is gone (RFC 5321 §4.1.4). */
export interface HelloEvent {
  readonly kind: 'hello';
  readonly verb: 'EHLO' | 'HELO';
  /** Argument as received, printable characters only. */
  readonly domain: string;
}

/**
 * STARTTLS was accepted: the 220 is in the output. The caller flushes the output, wraps the
 * transport, then calls `tlsStarted()`. Bytes received behind the command were dropped with the
 * connection (RFC 3207 §4, injection); all session state is forgotten.
 */
export interface StartTlsEvent {
  readonly kind: 'starttls';
}

/** *Asks.* A client presented credentials (RFC 4954). Secrets live only in this event. */
export interface AuthEvent {
  readonly kind: 'auth';
  readonly mechanism: 'PLAIN' | 'LOGIN';
  readonly username: string;
  readonly password: string;
}

/** *Asks.* MAIL with well-formed path and parameters, each parameter offered by us in EHLO. */
export interface MailEvent {
  readonly kind: 'mail';
  readonly reversePath: Path;
  readonly parameters: readonly EsmtpParameter[];
  /** Value of SIZE= in bytes, when given (RFC 1870). */
  readonly declaredSizeBytes?: number;
}

/** *Asks.* RCPT with a well-formed path; the first positive answer opens the way to DATA. */
export interface RcptEvent {
  readonly kind: 'rcpt';
  readonly forwardPath: Path;
  readonly parameters: readonly EsmtpParameter[];
}

/**
 * *Asks.* DATA or the first BDAT after at least one accepted RCPT. A positive answer is sent as 354 to
 * DATA and not at all to BDAT, whose bytes are under way already; a negative one to BDAT drops the
 * transaction (event `reset`): a later chunk must not pass for the whole message.
 */
export interface DataEvent {
  readonly kind: 'data';
}

/**
 * A piece of content, dot-stuffing removed, every line ended by CRLF; the last line may lack it when it
 * came by BDAT. `bytes` is a view into the received chunk: valid until the next `receive`, unless the caller owns the chunk it handed in.
 */
export interface ContentEvent {
  readonly kind: 'content';
  readonly bytes: Uint8Array;
}

/**
 * *Asks.* The end of data was reached. `fault` tells why the engine will refuse whatever the answer
 * is: the caller discards the content and still answers once.
 */
export interface ContentEndEvent {
  readonly kind: 'content-end';
  readonly sizeBytes: number;
  readonly fault?: ContentFault;
}

/** The mail transaction was dropped: by RSET, a new EHLO or HELO, or a refused first BDAT. */
export interface ResetEvent {
  readonly kind: 'reset';
}

/** The peer broke the protocol and was answered; counted by the caller. Text is safe to log. */
export interface ProtocolErrorEvent {
  readonly kind: 'protocol-error';
  readonly code: string;
  readonly message: string;
}

/** The session is over: flush the output and close the transport. */
export interface CloseEvent {
  readonly kind: 'close';
  readonly reason:
    | 'quit'
    | 'too-many-errors'
    | 'bare-newline'
    | 'endless-line'
    | 'bad-chunk-size'
    | 'starttls-injection'
    | 'bad-content'
    | 'shutdown'
    | 'peer-gone';
}
