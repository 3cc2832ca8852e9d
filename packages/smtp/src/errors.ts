/**
 * The error catalogue of the SMTP engines: every code with its meaning, likely cause and remedy. Codes
 * are never reused. `docs/errors.md` is written from it.
 *
 * Most codes travel as values: in the `protocol-error` events of the server engine and the
 * `session-failed` events of the client engine. Only wrong use of an engine is thrown.
 */

/** What an operator learns about a code. */
export interface ErrorEntry {
  /** True when the same thing may work later without a change. */
  readonly temporary: boolean;
  /** What happened. */
  readonly meaning: string;
  /** Why it usually happens. */
  readonly cause: string;
  /** What to do. */
  readonly remedy: string;
}

export const SMTP_ERRORS = {
  // client engine: what a downstream did
  SMTP_REPLY_MALFORMED: {
    temporary: true,
    meaning: 'A downstream sent something that is no SMTP reply.',
    cause: 'The port belongs to another service, speaks TLS from the first byte, or a proxy interferes.',
    remedy: 'Check host and port of the downstream; use tls: implicit for port 465.',
  },
  SMTP_REPLY_TOO_LONG: {
    temporary: true,
    meaning: 'A downstream sent a reply of more than 64 KiB or 100 lines.',
    cause: 'The peer is broken, hostile or no mail server.',
    remedy: 'Check host and port of the downstream, and report the fault to whoever runs it.',
  },
  SMTP_REPLY_UNEXPECTED: {
    temporary: true,
    meaning: 'A downstream sent a reply that nobody asked for, or one that does not fit the question.',
    cause: 'The peer counts its replies wrongly, or somebody injects bytes into the connection.',
    remedy: 'Nothing was lost; when it repeats, report it to whoever runs the downstream.',
  },
  SMTP_CONNECTION_CLOSED: {
    temporary: true,
    meaning: 'A downstream closed the connection while the session was not over.',
    cause: 'It was restarted, ran into a limit, or a firewall cut the connection.',
    remedy: 'Look into the log of the downstream at that time.',
  },
  SMTP_SERVICE_CLOSING: {
    temporary: true,
    meaning: 'A downstream answered 421 and closes the connection.',
    cause: 'It is shutting down, overloaded, or limits how much this sender may send.',
    remedy: 'Read the text of the reply; lower max_connections when it names a limit.',
  },
  SMTP_GREETING_REFUSED: {
    temporary: true,
    meaning: 'A downstream refused the session in its greeting.',
    cause: 'Our address is blocked or limited there, or the service is down.',
    remedy: 'Read the text of the reply; ask whoever runs the downstream to admit our address.',
  },
  SMTP_EHLO_REFUSED: {
    temporary: true,
    meaning: 'A downstream refused EHLO and HELO.',
    cause: 'It does not like the name we greet with, or has no resources for a session.',
    remedy: 'Set hostname in the configuration to a name that resolves to our address.',
  },
  SMTP_STARTTLS_NOT_OFFERED: {
    temporary: false,
    meaning: 'STARTTLS is required and a downstream does not offer it.',
    cause: 'The downstream has no certificate, the port expects implicit TLS, or a proxy removed the offer.',
    remedy: 'Use the right port (587 for starttls, 465 for implicit), or change tls of the downstream.',
  },
  SMTP_STARTTLS_REFUSED: {
    temporary: true,
    meaning: 'STARTTLS is required and a downstream refused it.',
    cause: 'Its TLS is set up badly or short of resources.',
    remedy: 'Read the text of the reply; report it to whoever runs the downstream.',
  },
  SMTP_STARTTLS_INJECTION: {
    temporary: true,
    meaning: 'Bytes came in clear between STARTTLS and the TLS handshake.',
    cause: 'Somebody on the path tries to smuggle commands or replies into the protected session.',
    remedy: 'The connection was dropped and nothing was used; find out who is between both machines.',
  },
  SMTP_AUTH_NOT_OFFERED: {
    temporary: false,
    meaning: 'A downstream has a login configured and offers no AUTH mechanism that we speak.',
    cause:
      'AUTH is offered on another port or only after TLS, or only by mechanisms other than PLAIN and LOGIN.',
    remedy: 'Use the submission port with TLS, or remove user and pass when no login is needed.',
  },
  SMTP_AUTH_NEEDS_TLS: {
    temporary: false,
    meaning: 'A login would have been sent in clear and was not sent.',
    cause: 'The downstream offers no TLS, or tls is off.',
    remedy: 'Use a port with TLS.',
  },
  SMTP_AUTH_REFUSED: {
    temporary: false,
    meaning: 'A downstream refused our login.',
    cause: 'User or password are wrong, expired, or need an application password.',
    remedy: 'Correct user and pass of the downstream.',
  },
  SMTP_RSET_REFUSED: {
    temporary: true,
    meaning: 'A downstream refused RSET, which it must not.',
    cause: 'The peer is broken or about to close.',
    remedy: 'The connection was dropped; nothing to do unless it repeats.',
  },
  SMTP_CONTENT_WITHOUT_RECIPIENT: {
    temporary: true,
    meaning: 'A downstream asked for content although it had refused the sender or every recipient.',
    cause: 'The peer answers DATA without looking at the recipients.',
    remedy: 'The connection was dropped so that no empty message is made; nothing to do.',
  },

  // server engine: what a client did
  SMTP_COMMAND_UNKNOWN: {
    temporary: false,
    meaning: 'A client sent a command that this server does not know.',
    cause: 'A client of another protocol, a scanner, or data sent as commands.',
    remedy: 'None here; correct the client.',
  },
  SMTP_COMMAND_SYNTAX: {
    temporary: false,
    meaning: 'A client sent a command that cannot be parsed.',
    cause: 'A missing or superfluous argument, control characters, or invalid UTF-8.',
    remedy: 'Correct the client.',
  },
  SMTP_COMMAND_SEQUENCE: {
    temporary: false,
    meaning: 'A client sent a command at a point where it makes no sense.',
    cause: 'MAIL before EHLO, RCPT before MAIL, DATA without recipient, AUTH twice.',
    remedy: 'Correct the client; often an earlier command was refused and the client went on.',
  },
  SMTP_LINE_TOO_LONG: {
    temporary: false,
    meaning:
      'A client sent a command line longer than allowed; where it was longer than 64 KiB the connection was closed.',
    cause: 'A broken or hostile client, or content sent as commands.',
    remedy: 'Correct the client.',
  },
  SMTP_BARE_NEWLINE: {
    temporary: false,
    meaning: 'A client ended a line by CR or LF alone; the connection was closed.',
    cause: 'A script that writes "\\n", or an attempt to smuggle commands.',
    remedy: 'Let the client end lines with CR LF.',
  },
  SMTP_CHUNK_SYNTAX: {
    temporary: false,
    meaning: 'A client sent BDAT without a size that can be read; the connection was closed.',
    cause: 'A broken client, or an attempt to pass content off as commands.',
    remedy: 'Correct the client: BDAT takes a number of bytes in digits, and LAST.',
  },
  SMTP_ADDRESS_SYNTAX: {
    temporary: false,
    meaning: 'A client gave an address that is no RFC 5321 path.',
    cause: 'Missing angle brackets, a display name, a comment, or a character that needs quoting.',
    remedy: 'Send the bare address in angle brackets: MAIL FROM:<name@example.com>.',
  },
  SMTP_ADDRESS_NEEDS_SMTPUTF8: {
    temporary: false,
    meaning: 'A client gave an address with characters beyond ASCII without SMTPUTF8.',
    cause: 'The client does not announce SMTPUTF8, or this server does not offer it.',
    remedy: 'Use an ASCII address; write the domain in its xn-- form.',
  },
  SMTP_PARAMETER_SYNTAX: {
    temporary: false,
    meaning: 'A parameter of MAIL or RCPT is malformed or given twice.',
    cause: 'A broken client.',
    remedy: 'Correct the client.',
  },
  SMTP_PARAMETER_UNKNOWN: {
    temporary: false,
    meaning: 'A client used a parameter of MAIL or RCPT that was not offered.',
    cause: 'The client said HELO instead of EHLO, or does not look at what EHLO offers.',
    remedy: 'Correct the client.',
  },
  SMTP_DECLARED_SIZE_EXCEEDED: {
    temporary: false,
    meaning: 'A client announced a message larger than the limit.',
    cause: 'A large attachment.',
    remedy: 'Send a smaller message, or raise limits.message_size.',
  },
  SMTP_TOO_MANY_RECIPIENTS: {
    temporary: true,
    meaning: 'A client named more recipients in one transaction than allowed.',
    cause: 'A long list of recipients.',
    remedy: 'None: clients send the rest in another transaction; or raise limits.recipients.',
  },
  SMTP_AUTH_REQUIRED: {
    temporary: false,
    meaning: 'A client sent mail without logging in.',
    cause: 'No user and password are set in the client.',
    remedy: 'Set them in the client.',
  },
  SMTP_AUTH_IN_CLEAR: {
    temporary: false,
    meaning: 'A client tried to log in without TLS where that is not allowed.',
    cause: 'TLS is switched off in the client, or this listener has none.',
    remedy: 'Switch on TLS in the client, or set allow_plaintext_auth for this listener.',
  },
  SMTP_AUTH_MECHANISM: {
    temporary: false,
    meaning: 'A client asked for an AUTH mechanism that was not offered.',
    cause: 'The client is set to one mechanism, for example CRAM-MD5.',
    remedy: 'Set the client to PLAIN or LOGIN.',
  },
  SMTP_AUTH_MALFORMED: {
    temporary: false,
    meaning: 'What a client sent to log in cannot be used.',
    cause: 'Broken base64, a missing part, bytes that are no UTF-8, or a foreign authorization identity.',
    remedy: 'Correct the client.',
  },
  SMTP_AUTH_CANCELLED: {
    temporary: false,
    meaning: 'A client broke off its login.',
    cause: 'It has no password for the mechanism it began.',
    remedy: 'None here.',
  },
  SMTP_TOO_MANY_ERRORS: {
    temporary: true,
    meaning: 'A client made so many errors that the session was closed.',
    cause: 'A scanner, or a client that does not read replies.',
    remedy: 'Look at the errors logged before this one.',
  },

  // wrong use of an engine: thrown
  SMTP_ENGINE_MISUSE: {
    temporary: false,
    meaning: 'An engine was told to do something that its state does not allow.',
    cause: 'A defect in the program that drives the engine.',
    remedy: 'Report it with the message.',
  },
  SMTP_UNSAFE_ARGUMENT: {
    temporary: false,
    meaning: 'A command was not sent because its argument is no valid path, parameter or name.',
    cause: 'A value that was never parsed reached the engine.',
    remedy: 'Report it with the message.',
  },
  SMTP_PARAMETER_NOT_OFFERED: {
    temporary: false,
    meaning: 'A command was not sent because the downstream does not offer one of its parameters.',
    cause: 'The program did not look at the extensions of the downstream.',
    remedy: 'Report it with the message.',
  },
  SMTP_CONTENT_NOT_CANONICAL: {
    temporary: false,
    meaning: 'Content was not sent because it holds a bare CR or LF.',
    cause: 'Content that was never checked reached the writer.',
    remedy: 'Report it with the message.',
  },
} as const satisfies Readonly<Record<string, ErrorEntry>>;

/** A code of the catalogue. */
export type SmtpErrorCode = keyof typeof SMTP_ERRORS;

/** Thrown for wrong use of an engine only; what peers do wrong comes as events. */
export class SmtpProtocolError extends Error {
  readonly code: SmtpErrorCode;
  readonly temporary: boolean;

  constructor(code: SmtpErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = 'SmtpProtocolError';
    this.code = code;
    this.temporary = SMTP_ERRORS[code].temporary;
  }
}
