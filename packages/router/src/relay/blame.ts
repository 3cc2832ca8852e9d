/**
 * The blame table: what a downstream said, and where, decides what becomes of the recipient and whose
 * fault it is; the fault decides whether the next candidate is asked and whether the downstream's
 * health suffers. First row that matches wins. Dialects of providers are rows like any other.
 */
import type { SmtpPhase } from '@smtp-router/smtp/client';
import type { SmtpReply } from '@smtp-router/smtp/grammar';
import { RouterError } from '../errors.ts';
import type { Blame, UndeliveredOutcome } from '../message/outcome.ts';
import { describeReply } from '../message/reply-text.ts';

/** What is tried next for whom; two separate questions (DESIGN: relaying). */
export interface BlameEffect {
  readonly isNextTried: boolean;
  readonly countsAgainstHealth: boolean;
}

/** Faults of the downstream move on and count; limits of the pair move on; the message's own do neither. */
export const BLAME_EFFECTS = {
  network: { isNextTried: true, countsAgainstHealth: true },
  downstream: { isNextTried: true, countsAgainstHealth: true },
  credentials: { isNextTried: true, countsAgainstHealth: true },
  throttle: { isNextTried: true, countsAgainstHealth: true },
  identity: { isNextTried: true, countsAgainstHealth: false },
  capability: { isNextTried: true, countsAgainstHealth: false },
  recipient: { isNextTried: false, countsAgainstHealth: false },
  content: { isNextTried: false, countsAgainstHealth: false },
  router: { isNextTried: false, countsAgainstHealth: false },
} as const satisfies Readonly<Record<Blame, BlameEffect>>;

/** First digit of a reply code (RFC 5321 §4.2.1). */
export type CodeClass = '2xx' | '3xx' | '4xx' | '5xx';

/** One row. Every condition given must hold. */
export interface BlameRule {
  /** What the row recognises, in words. */
  readonly name: string;
  /** Absent = any phase. */
  readonly phases?: readonly SmtpPhase[];
  /** Reply codes, `5xx` for a whole class. Absent = the row is about missing replies. */
  readonly codes?: readonly (number | CodeClass)[];
  /** Enhanced codes without the class digit (`.1.8`), or their beginning (`.3.`). */
  readonly enhanced?: readonly string[];
  /** Lower-case phrases, one of which the text must contain. */
  readonly phrases?: readonly string[];
  /** Codes of the error catalogues, or their beginning (`SMTP_`). */
  readonly errors?: readonly string[];
  readonly kind: UndeliveredOutcome['kind'];
  readonly blame: Blame;
}

/** Before anything about the message was said. */
const OPENING: readonly SmtpPhase[] = ['connect', 'tls', 'greeting', 'ehlo', 'starttls', 'auth'];
const ENVELOPE: readonly SmtpPhase[] = ['mail', 'rcpt', 'data', 'dot'];

const RELAY_DENIED = [
  'relay access denied',
  'relay denied',
  'relaying denied',
  'relay not permitted',
  'relaying not permitted',
  'relaying not allowed',
  'relaying prohibited',
  'unable to relay',
  'not permitted to relay',
];
/** SES, SendGrid, Microsoft 365, Postfix: the login may not send as this sender. */
const SENDER_NOT_OURS = [
  'address is not verified',
  'verified sender identity',
  'send as this sender',
  'sendasdenied',
  'sender address rejected',
  'not owned by user',
];
/** SES `454 Throttling failure`, and the words most others use. */
const TOO_MUCH = [
  'throttl',
  'rate limit',
  'rate exceeded',
  'too many messages',
  'too many connections',
  'sending limit',
  'credits exceeded',
  'message quota',
  'concurrent connections',
  'connections limit',
  'thread limit',
  'server busy',
  'too many login attempts',
];
/** Limits of a login that some providers tell with 5xx, though they pass. */
const QUOTA = ['submissionquotaexceeded', 'daily user sending', 'sending limit exceeded', 'sending quota'];

const DROPPED: readonly BlameRule[] = [
  {
    name: 'nonsense after the dot',
    phases: ['dot'],
    errors: ['SMTP_'],
    kind: 'ambiguous',
    blame: 'downstream',
  },
  { name: 'no answer after the dot', phases: ['dot'], errors: [''], kind: 'ambiguous', blame: 'network' },
  {
    name: 'the router stopped by itself',
    errors: ['ROUTER_BUDGET_ENDED', 'ROUTER_DOWNSTREAM_CLOSED', 'ROUTER_INTERNAL'],
    kind: 'deferred',
    blame: 'router',
  },
  {
    name: 'went down while the message waited (counted already)',
    errors: ['ROUTER_DOWNSTREAM_DOWN'],
    kind: 'deferred',
    blame: 'downstream',
  },
  {
    name: 'the message needs an extension that is not offered',
    errors: ['ROUTER_SIZE_EXCEEDED', 'ROUTER_8BITMIME_NOT_OFFERED', 'ROUTER_SMTPUTF8_NOT_OFFERED'],
    kind: 'failed',
    blame: 'capability',
  },
  {
    name: 'may not send as this sender',
    errors: ['ROUTER_SENDER_NOT_VERIFIED', 'ROUTER_FROM_NOT_REWRITABLE'],
    kind: 'failed',
    blame: 'identity',
  },
  {
    name: 'more recipients than one transaction may have',
    errors: ['ROUTER_TOO_MANY_RECIPIENTS'],
    kind: 'deferred',
    blame: 'capability',
  },
  {
    name: 'no way to log in',
    errors: ['SMTP_AUTH_', 'ROUTER_CLEARTEXT_AUTH_REFUSED'],
    kind: 'deferred',
    blame: 'credentials',
  },
  {
    name: 'unreachable, silent or gone',
    errors: [
      'ROUTER_DNS_FAILED',
      'ROUTER_CONNECT_',
      'ROUTER_CONNECTION_LOST',
      'ROUTER_TLS_TIMEOUT',
      'ROUTER_REPLY_TIMEOUT',
      'ROUTER_CONTENT_STALLED',
    ],
    kind: 'deferred',
    blame: 'network',
  },
  { name: 'bad certificate, no TLS, broken protocol', errors: [''], kind: 'deferred', blame: 'downstream' },
];

const REPLIED: readonly BlameRule[] = [
  {
    name: 'Gmail, Microsoft: 421 4.7.x',
    codes: [421],
    enhanced: ['.7.'],
    kind: 'deferred',
    blame: 'throttle',
  },
  { name: 'asked to slow down', codes: ['4xx'], phrases: TOO_MUCH, kind: 'deferred', blame: 'throttle' },
  { name: 'Gmail: daily limit', codes: [550], enhanced: ['.4.5'], kind: 'deferred', blame: 'throttle' },
  {
    name: 'Microsoft: tenant or mailbox over its limit',
    codes: [550],
    enhanced: ['.7.705', '.1.90'],
    kind: 'deferred',
    blame: 'throttle',
  },
  {
    name: 'over a quota, told as final',
    codes: ['5xx'],
    phrases: QUOTA,
    kind: 'deferred',
    blame: 'throttle',
  },
  {
    name: 'login needed or refused',
    codes: [432, 530, 534, 535, 538],
    kind: 'deferred',
    blame: 'credentials',
  },
  { name: 'login refused', phases: ['auth'], codes: ['5xx'], kind: 'deferred', blame: 'credentials' },
  { name: 'going away', codes: [421], kind: 'deferred', blame: 'downstream' },
  { name: 'not open for us', phases: OPENING, codes: ['4xx', '5xx'], kind: 'deferred', blame: 'downstream' },
  { name: 'out of step', codes: [503], kind: 'deferred', blame: 'downstream' },
  {
    name: 'will not relay for us',
    phases: ENVELOPE,
    codes: ['5xx'],
    phrases: RELAY_DENIED,
    kind: 'failed',
    blame: 'identity',
  },
  {
    name: 'sender is not ours',
    phases: ENVELOPE,
    codes: ['5xx'],
    phrases: SENDER_NOT_OURS,
    kind: 'failed',
    blame: 'identity',
  },
  { name: 'message too large', codes: ['5xx'], enhanced: ['.3.4'], kind: 'failed', blame: 'capability' },
  {
    name: 'content needs an extension',
    codes: ['5xx'],
    enhanced: ['.6.3', '.6.7', '.6.10'],
    kind: 'failed',
    blame: 'capability',
  },
  {
    name: 'too many recipients',
    phases: ['rcpt'],
    codes: [452, 552],
    enhanced: ['.5.3'],
    kind: 'deferred',
    blame: 'capability',
  },
  {
    name: 'too many recipients, in words only',
    phases: ['rcpt'],
    codes: ['4xx', 552],
    phrases: ['too many recipients', 'too many rcpt'],
    kind: 'deferred',
    blame: 'capability',
  },

  { name: 'size refused at MAIL', phases: ['mail'], codes: [552], kind: 'failed', blame: 'capability' },
  {
    name: 'parameter refused',
    phases: ['mail', 'rcpt'],
    codes: [504, 555],
    kind: 'failed',
    blame: 'capability',
  },
  { name: 'not now, at MAIL', phases: ['mail'], codes: ['4xx'], kind: 'deferred', blame: 'downstream' },
  { name: 'sender refused', phases: ['mail'], codes: ['5xx'], kind: 'failed', blame: 'identity' },

  {
    name: 'mailbox full',
    phases: ['rcpt'],
    codes: ['4xx'],
    enhanced: ['.2.'],
    kind: 'deferred',
    blame: 'recipient',
  },
  {
    name: 'system trouble at RCPT',
    phases: ['rcpt'],
    codes: ['4xx'],
    enhanced: ['.3.', '.4.'],
    kind: 'deferred',
    blame: 'downstream',
  },
  { name: 'no storage at RCPT', phases: ['rcpt'], codes: [452], kind: 'deferred', blame: 'downstream' },
  {
    name: 'recipient not now (greylisting)',
    phases: ['rcpt'],
    codes: ['4xx'],
    kind: 'deferred',
    blame: 'recipient',
  },
  { name: 'recipient refused', phases: ['rcpt'], codes: ['5xx'], kind: 'failed', blame: 'recipient' },

  {
    name: 'mailbox, told after the dot',
    phases: ['dot'],
    codes: ['4xx'],
    enhanced: ['.1.', '.2.'],
    kind: 'deferred',
    blame: 'recipient',
  },
  {
    name: 'recipient, told after the dot',
    phases: ['dot'],
    codes: ['5xx'],
    enhanced: ['.1.', '.2.'],
    kind: 'failed',
    blame: 'recipient',
  },
  {
    name: 'content not now',
    phases: ['dot'],
    codes: ['4xx'],
    enhanced: ['.6.'],
    kind: 'deferred',
    blame: 'content',
  },
  {
    name: 'not now, at DATA or after the dot',
    phases: ['data', 'dot'],
    codes: ['4xx'],
    kind: 'deferred',
    blame: 'downstream',
  },
  { name: 'content refused', phases: ['data', 'dot'], codes: ['5xx'], kind: 'failed', blame: 'content' },

  {
    name: 'yes to what was no question',
    phases: ['dot'],
    codes: ['2xx', '3xx'],
    kind: 'ambiguous',
    blame: 'downstream',
  },
  { name: 'anything else', codes: ['2xx', '3xx', '4xx', '5xx'], kind: 'deferred', blame: 'downstream' },
];

/** The whole table; the last row of each half matches everything. */
export const BLAME_TABLE: readonly BlameRule[] = [...DROPPED, ...REPLIED];

/** What stopped a recipient: a reply, or the code of what happened instead of one. */
export type Hindrance =
  | { readonly phase: SmtpPhase; readonly reply: SmtpReply }
  | { readonly phase: SmtpPhase; readonly errorCode: string };

/** The row for a hindrance. */
export function findBlameRule(hindrance: Hindrance): BlameRule {
  const rule = BLAME_TABLE.find((row) => matches(row, hindrance));
  if (rule === undefined) throw new RouterError('ROUTER_INTERNAL', 'The blame table has a hole.');
  return rule;
}

/** An ambiguous end stops the message whoever is to blame: another downstream might deliver it twice. */
export function effectOf({ kind, blame }: Pick<BlameRule, 'kind' | 'blame'>): BlameEffect {
  const effect = BLAME_EFFECTS[blame];
  return kind === 'ambiguous' ? { ...effect, isNextTried: false } : effect;
}

function matches(rule: BlameRule, hindrance: Hindrance): boolean {
  if (rule.phases !== undefined && !rule.phases.includes(hindrance.phase)) return false;
  return 'reply' in hindrance
    ? matchesReply(rule, hindrance.reply)
    : rule.errors?.some((code) => hindrance.errorCode.startsWith(code)) === true;
}

function matchesReply(rule: BlameRule, reply: SmtpReply): boolean {
  const isCode = rule.codes?.some((code) => code === reply.code || code === codeClass(reply.code)) === true;
  if (!isCode) return false;
  if (rule.enhanced !== undefined && !hasEnhanced(rule.enhanced, reply.enhancedCode)) return false;
  return rule.phrases === undefined || hasPhrase(rule.phrases, reply);
}

function codeClass(code: number): string {
  return `${Math.floor(code / 100)}xx`;
}

/** `.3.` is a beginning, `.3.4` is exact. */
function hasEnhanced(wanted: readonly string[], code: string | undefined): boolean {
  const rest = code?.slice(1);
  if (rest === undefined) return false;
  return wanted.some((part) => (part.endsWith('.') ? rest.startsWith(part) : rest === part));
}

function hasPhrase(phrases: readonly string[], reply: SmtpReply): boolean {
  const text = describeReply(reply).toLowerCase();
  return phrases.some((phrase) => text.includes(phrase));
}
