/** What a server offered in its reply to EHLO (RFC 5321 §4.1.1.1). */
import type { SmtpReply } from '../grammar/reply.ts';

export interface SmtpExtensions {
  /** RFC 2920. */
  readonly hasPipelining: boolean;
  /** RFC 1870. */
  readonly hasSize: boolean;
  /** Largest message in bytes; 0 = not stated. */
  readonly maxSizeBytes: number;
  /** RFC 6152. */
  readonly has8bitMime: boolean;
  /** RFC 6531. */
  readonly hasSmtpUtf8: boolean;
  /** RFC 3461. */
  readonly hasDsn: boolean;
  /** RFC 3030. */
  readonly hasChunking: boolean;
  /** RFC 2034. */
  readonly hasEnhancedStatusCodes: boolean;
  /** RFC 3207. */
  readonly hasStartTls: boolean;
  /** RFC 4954; upper-case, in the order offered. */
  readonly authMechanisms: readonly string[];
}

/** Before EHLO was answered, and after HELO. */
export const NO_EXTENSIONS: SmtpExtensions = readExtensions([]);

/** ehlo-ok-rsp: the first line is a greeting, every other `ehlo-keyword *( SP ehlo-param )`. */
export function parseExtensions(reply: SmtpReply): SmtpExtensions {
  return readExtensions(reply.lines.slice(1));
}

function readExtensions(lines: readonly string[]): SmtpExtensions {
  const offered = new Map<string, readonly string[]>();
  for (const line of lines) {
    const [keyword = '', ...parameters] = line
      .toUpperCase()
      .split(' ')
      .filter((word) => word !== '');
    offered.set(keyword, parameters);
  }
  return {
    hasPipelining: offered.has('PIPELINING'),
    hasSize: offered.has('SIZE'),
    maxSizeBytes: parseSize(offered.get('SIZE')?.[0]),
    has8bitMime: offered.has('8BITMIME'),
    hasSmtpUtf8: offered.has('SMTPUTF8'),
    hasDsn: offered.has('DSN'),
    hasChunking: offered.has('CHUNKING'),
    hasEnhancedStatusCodes: offered.has('ENHANCEDSTATUSCODES'),
    hasStartTls: offered.has('STARTTLS'),
    authMechanisms: authMechanisms(offered),
  };
}

/** size-param = *DIGIT; anything else says nothing. */
function parseSize(text: string | undefined): number {
  return text !== undefined && /^[0-9]{1,20}$/.test(text) ? Number(text) : 0;
}

/** `AUTH PLAIN LOGIN`, and `AUTH=PLAIN LOGIN` of servers older than RFC 4954. */
function authMechanisms(offered: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const mechanisms = new Set(offered.get('AUTH'));
  for (const [keyword, parameters] of offered) {
    if (!keyword.startsWith('AUTH=')) continue;
    for (const name of [keyword.slice('AUTH='.length), ...parameters]) if (name !== '') mechanisms.add(name);
  }
  return [...mechanisms];
}
