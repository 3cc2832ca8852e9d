/**
 * The `Received:` field the router puts in front of every message it takes (RFC 5321 §4.4). Whatever
 * a client said about itself is checked before it goes in: a trace field can neither be broken nor
 * extended from outside.
 */
import { isIP } from 'node:net';
import type { Recipient, SessionFacts } from './message.ts';

/** Names longer than this are no domain names (RFC 5321 §4.5.3.1.2). */
const MAX_NAME_LENGTH = 255;
const NAME = /^[A-Za-z0-9._-]+$/;
const ADDRESS_LITERAL = /^\[[A-Za-z0-9.:-]+\]$/;
const PRINTABLE_ASCII = /^[\x21-\x7e]+$/;

/** What a trace field tells. */
export interface TraceFacts {
  /** The router's own name. */
  readonly hostname: string;
  readonly messageId: string;
  readonly session: SessionFacts;
  /** `for` is written only when there is exactly one: several would tell each of the others. */
  readonly recipients: readonly Recipient[];
  /** MAIL said SMTPUTF8 (RFC 6531). Default false. */
  readonly isSmtpUtf8?: boolean;
  /** Unix milliseconds. */
  readonly receivedAt: number;
}

/** The field with its CRLF, folded, ASCII only, every line far below 998 octets. */
export function formatTraceHeader(facts: TraceFacts): Uint8Array {
  const recipient = onlyRecipient(facts.recipients);
  const fields = `Received: ${originOf(facts.session).from}by ${facts.hostname}${withClause(facts)}`;
  const forClause = recipient === undefined ? '' : `\r\n for <${recipient}>`;
  const text = `${fields}\r\n id ${facts.messageId}${forClause}; ${formatDate(facts.receivedAt)}\r\n`;
  return Buffer.from(text, 'latin1');
}

/** Mail handed in locally has no client address, hence no `from` and no `with`. */
interface Origin {
  readonly isRemote: boolean;
  /** With a space behind it, folded; '' for local mail. */
  readonly from: string;
}

/** The same for all messages of a session, which is why it is looked up. */
const origins = new WeakMap<SessionFacts, Origin>();

function originOf(session: SessionFacts): Origin {
  const known = origins.get(session);
  if (known !== undefined) return known;
  const literal = addressLiteral(session.clientAddress);
  const name = isExtendedDomain(session.helo) ? session.helo : literal;
  const origin = { isRemote: literal !== undefined, from: literal ? `from ${name} (${literal})\r\n ` : '' };
  origins.set(session, origin);
  return origin;
}

/** Protocol names of RFC 3848: ESMTP, with S for TLS and A for AUTH; UTF8SMTP instead of ESMTP by RFC 6531 §4.3. */
function withClause({ session, isSmtpUtf8 }: TraceFacts): string {
  if (!originOf(session).isRemote) return '';
  if (!session.isEsmtp) return ' with SMTP';
  return ` with ${isSmtpUtf8 === true ? 'UTF8SMTP' : 'ESMTP'}${session.isTls ? 'S' : ''}${session.isAuthenticated ? 'A' : ''}`;
}

function isExtendedDomain(helo: string): boolean {
  return helo.length <= MAX_NAME_LENGTH && (NAME.test(helo) || ADDRESS_LITERAL.test(helo));
}

/** `address-literal` of RFC 5321 §4.1.3; undefined for what is no IP address. */
function addressLiteral(address: string): string | undefined {
  const plain = address.startsWith('::ffff:') && isIP(address.slice(7)) === 4 ? address.slice(7) : address;
  const family = isIP(plain);
  if (family === 0 || plain.includes('%')) return undefined;
  return family === 4 ? `[${plain}]` : `[IPv6:${plain}]`;
}

/** Left out when it needs more than ASCII, or holds a space in quotes that folding could break. */
function onlyRecipient(recipients: readonly Recipient[]): string | undefined {
  const [first, second] = recipients;
  if (first === undefined || second !== undefined) return undefined;
  return PRINTABLE_ASCII.test(first.path.address) ? first.path.address : undefined;
}

/** RFC 5322 §3.3, always in UTC. Many messages come in the same second. */
function formatDate(milliseconds: number): string {
  const second = Math.floor(milliseconds / 1_000);
  if (second !== formatted.second) {
    formatted = { second, date: new Date(milliseconds).toUTCString().replace('GMT', '+0000') };
  }
  return formatted.date;
}

let formatted = { second: Number.NaN, date: '' };
