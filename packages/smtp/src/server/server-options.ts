/** Mechanisms the server engine speaks (RFC 4616; LOGIN has no RFC). */
export type ServerMechanism = 'PLAIN' | 'LOGIN';

/** What one server session is opened with. */
export interface SmtpServerOptions {
  /** Our name in the greeting and the reply to EHLO. */
  readonly hostname: string;
  /** True when the transport is TLS from the first byte. Default false. */
  readonly isTls?: boolean;
  /** Content bytes, offered as SIZE (RFC 1870). Default: no limit, SIZE without a value. */
  readonly maxMessageBytes?: number;
  /** Accepted recipients of one transaction; RFC 5321 §4.5.3.1.8 wants 100 at least. Default 1 000. */
  readonly maxRecipients?: number;
  /** Mechanisms in the order they are offered. Default none: AUTH is answered 502. */
  readonly auth?: readonly ServerMechanism[];
  /** AUTH is offered inside TLS only, and answered 538 in clear (RFC 4954 §4). Default false. */
  readonly isAuthOnlyWithTls?: boolean;
  /** MAIL is answered 530 until AUTH succeeded (RFC 4954 §6). Default false: the caller decides. */
  readonly isAuthRequired?: boolean;
  /** Offer STARTTLS while in clear (RFC 3207). Default false. */
  readonly isStartTlsOffered?: boolean;
  /** Offer SMTPUTF8 and accept addresses beyond ASCII with it (RFC 6531). Default false. */
  readonly isSmtpUtf8Offered?: boolean;
  /** Offer DSN and accept its parameters (RFC 3461). Default false. */
  readonly isDsnOffered?: boolean;
  /** Offer CHUNKING and accept BDAT (RFC 3030). Default false: BDAT is answered 502. */
  readonly isChunkingOffered?: boolean;
  /**
   * Refuse content with bytes above 127 unless MAIL said BODY=8BITMIME (RFC 6152 §3). Default false:
   * most clients send such content without saying so, and every relay takes it.
   */
  readonly isEightBitDeclared?: boolean;
  /** Command line with its CRLF; RFC 5321 §4.5.3.1.4 wants 512 at least. Default 4 096. */
  readonly maxCommandLineBytes?: number;
  /** AUTH command and responses with their CRLF; RFC 4954 §4.3 wants 12 288. Default 12 288. */
  readonly maxAuthLineBytes?: number;
  /** Refused commands, since the last accepted message, that end the session. Default 20. */
  readonly maxErrors?: number;
}
