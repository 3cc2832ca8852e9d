/**
 * Everything the server engine says by itself. Texts are public and repeat nothing the client sent: a
 * pipelined password must not come back, nor land in a log.
 */
import type { SmtpErrorCode } from '../errors.ts';
import type { ContentFault } from '../grammar/content-fault.ts';
import type { SmtpReply } from '../grammar/reply.ts';
import type { CommandState, SmtpVerb } from './server-state.ts';

/** A reply that refuses, with what is reported about it. */
export interface Refusal {
  readonly reply: SmtpReply;
  readonly code: SmtpErrorCode;
}

export const RESET_DONE = reply(250, '2.0.0', 'Ok');
export const NOOP_DONE = reply(250, '2.0.0', 'Ok');
export const VERIFY_UNSAID = reply(252, '2.1.5', 'Cannot verify, but will take messages');
export const HELP_TEXT = reply(
  214,
  '2.0.0',
  'Commands: EHLO HELO AUTH MAIL RCPT DATA BDAT RSET NOOP VRFY HELP QUIT',
);
export const TLS_GO_AHEAD = reply(220, '2.0.0', 'Ready to start TLS');
export const DEFAULT_START_CONTENT: SmtpReply = { code: 354, lines: ['End data with <CR><LF>.<CR><LF>'] };

export function greeting(hostname: string): SmtpReply {
  return { code: 220, lines: [`${hostname} ESMTP`] };
}

export function goodbye(hostname: string): SmtpReply {
  return reply(221, '2.0.0', `${hostname} closing connection`);
}

export function tooManyErrors(hostname: string): SmtpReply {
  return reply(421, '4.7.0', `${hostname} too many errors, closing connection`);
}

export const UNKNOWN_COMMAND = refusal('SMTP_COMMAND_UNKNOWN', 500, '5.5.1', 'Command unknown');
export const AUTH_NOT_AVAILABLE = refusal('SMTP_COMMAND_UNKNOWN', 502, '5.5.1', 'AUTH is not available');
export const STARTTLS_NOT_AVAILABLE = refusal(
  'SMTP_COMMAND_UNKNOWN',
  502,
  '5.5.1',
  'STARTTLS is not available',
);
export const BDAT_NOT_AVAILABLE = refusal('SMTP_COMMAND_UNKNOWN', 502, '5.5.1', 'BDAT is not available');
export const NO_COMMAND = refusal('SMTP_COMMAND_SYNTAX', 500, '5.5.2', 'Line holds no command');
export const BAD_CHARACTERS = refusal(
  'SMTP_COMMAND_SYNTAX',
  500,
  '5.5.2',
  'Command holds control characters or is no UTF-8',
);
export const ARGUMENT_MISSING = refusal('SMTP_COMMAND_SYNTAX', 501, '5.5.4', 'Command needs an argument');
export const ARGUMENT_UNEXPECTED = refusal('SMTP_COMMAND_SYNTAX', 501, '5.5.4', 'Command takes no argument');
export const LINE_TOO_LONG = refusal('SMTP_LINE_TOO_LONG', 500, '5.5.6', 'Line too long');
export const BARE_NEWLINE = refusal('SMTP_BARE_NEWLINE', 500, '5.5.2', 'Lines end with CR LF');
export const BAD_CHUNK = refusal('SMTP_CHUNK_SYNTAX', 501, '5.5.4', 'Write BDAT size [LAST]');
export const STARTTLS_INJECTION = refusal(
  'SMTP_STARTTLS_INJECTION',
  554,
  '5.5.1',
  'Nothing may follow STARTTLS before TLS',
);

export const BAD_REVERSE_PATH = refusal(
  'SMTP_ADDRESS_SYNTAX',
  501,
  '5.1.7',
  'Write MAIL FROM:<name@example.com> or MAIL FROM:<>',
);
export const BAD_FORWARD_PATH = refusal(
  'SMTP_ADDRESS_SYNTAX',
  501,
  '5.1.3',
  'Write RCPT TO:<name@example.com>',
);
export const ADDRESS_NEEDS_SMTPUTF8 = refusal(
  'SMTP_ADDRESS_NEEDS_SMTPUTF8',
  553,
  '5.6.7',
  'Address beyond ASCII needs SMTPUTF8',
);
export const BAD_PARAMETER = refusal(
  'SMTP_PARAMETER_SYNTAX',
  501,
  '5.5.4',
  'Parameter malformed or repeated',
);
export const UNKNOWN_PARAMETER = refusal('SMTP_PARAMETER_UNKNOWN', 555, '5.5.4', 'Parameter not offered');
export const DECLARED_SIZE_EXCEEDED = refusal(
  'SMTP_DECLARED_SIZE_EXCEEDED',
  552,
  '5.3.4',
  'Message is larger than this server accepts',
);
export const TOO_MANY_RECIPIENTS = refusal(
  'SMTP_TOO_MANY_RECIPIENTS',
  452,
  '4.5.3',
  'Too many recipients, send the rest in another transaction',
);
export const NO_VALID_RECIPIENTS = refusal('SMTP_COMMAND_SEQUENCE', 554, '5.5.1', 'No valid recipients');

export const AUTH_REQUIRED = refusal('SMTP_AUTH_REQUIRED', 530, '5.7.0', 'Authentication required');
export const AUTH_NEEDS_TLS = refusal(
  'SMTP_AUTH_IN_CLEAR',
  538,
  '5.7.11',
  'Encryption required for authentication',
);
export const EXTENSION_NEEDS_EHLO = refusal('SMTP_COMMAND_SEQUENCE', 503, '5.5.1', 'Send EHLO first');
export const AUTH_TWICE = refusal('SMTP_COMMAND_SEQUENCE', 503, '5.5.1', 'Already authenticated');
export const AUTH_MECHANISM_UNKNOWN = refusal(
  'SMTP_AUTH_MECHANISM',
  504,
  '5.5.4',
  'Authentication mechanism not offered',
);
export const AUTH_MALFORMED = refusal('SMTP_AUTH_MALFORMED', 501, '5.5.2', 'Authentication data malformed');
export const AUTH_FOREIGN_IDENTITY = refusal(
  'SMTP_AUTH_MALFORMED',
  535,
  '5.7.8',
  'Acting for another identity is not allowed',
);
export const AUTH_CANCELLED = refusal('SMTP_AUTH_CANCELLED', 501, '5.7.0', 'Authentication cancelled');

/** 250 to a chunk that is not the last (RFC 3030 §2). */
export function chunkTaken(sizeBytes: number): SmtpReply {
  return reply(250, '2.0.0', `${sizeBytes} octets received`);
}

/** 503, with what to do instead. */
export function outOfSequence(state: CommandState, verb: SmtpVerb): Refusal {
  return refusal('SMTP_COMMAND_SEQUENCE', 503, '5.5.1', `${verb} is out of sequence, ${EXPECTED[state]}`);
}

const EXPECTED: Readonly<Record<CommandState, string>> = {
  connected: 'send EHLO first',
  greeted: 'send MAIL FROM first',
  mail: 'a transaction is open, send RCPT TO',
  rcpt: 'a transaction is open, send DATA or RSET',
  chunks: 'content comes in chunks, send BDAT or RSET',
};

/** The reply to content that broke a rule (RFC 3463 §3.7; 5.6.11 by IANA). */
export const CONTENT_FAULT_REPLIES: Readonly<Record<ContentFault, SmtpReply>> = {
  'too-large': DECLARED_SIZE_EXCEEDED.reply,
  'bare-cr': reply(550, '5.6.11', 'Message holds a bare CR; lines end with CR LF'),
  'bare-lf': reply(550, '5.6.11', 'Message holds a bare LF; lines end with CR LF'),
  nul: reply(550, '5.6.0', 'Message holds a NUL byte'),
  'eight-bit': reply(550, '5.6.1', 'Message holds 8-bit bytes that were not announced'),
};

function reply(code: number, enhancedCode: string, text: string): SmtpReply {
  return { code, enhancedCode, lines: [text] };
}

function refusal(code: SmtpErrorCode, replyCode: number, enhancedCode: string, text: string): Refusal {
  return { code, reply: reply(replyCode, enhancedCode, text) };
}
