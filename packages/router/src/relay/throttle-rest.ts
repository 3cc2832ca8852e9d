/**
 * How long a downstream that asked for less mail is left alone: the time its reply names, else the time
 * that fits the kind of limit, by the words of providers, else a minute.
 */
import type { SmtpReply } from '@smtp-router/smtp/grammar';
import { describeReply } from '../message/reply-text.ts';

/** Where the reply tells nothing. */
export const DEFAULT_REST_MS = 60_000;
export const MIN_REST_MS = 1_000;
/** A longer rest is asked about once an hour by one message, in case the limit was raised meanwhile. */
export const MAX_REST_MS = 60 * 60_000;

/** One kind of limit. */
interface RestRule {
  readonly name: string;
  /** Enhanced codes without the class digit. */
  readonly enhanced?: readonly string[];
  /** Lower-case phrases. */
  readonly phrases: readonly string[];
  readonly restMs: number;
}

/** First row that matches wins; one condition is enough. */
const REST_RULES: readonly RestRule[] = [
  // Gmail 550 5.4.5; Microsoft 365 550 5.1.90, 550 5.7.705, 554 5.2.0; SES 454; SendGrid 451.
  {
    name: 'a quota of a day or longer',
    enhanced: ['.4.5', '.1.90', '.7.705'],
    phrases: ['daily', 'per day', 'submissionquotaexceeded', 'credits exceeded', '24 hours'],
    restMs: MAX_REST_MS,
  },
  { name: 'a quota of an hour', phrases: ['hourly', 'per hour'], restMs: 10 * 60_000 },
  // SES: 454 Throttling failure: Maximum sending rate exceeded.
  { name: 'a rate of a second', phrases: ['sending rate exceeded', 'per second'], restMs: 2_000 },
  // Microsoft 365 421 4.3.2 and 432 4.3.2, Postfix and Exim 421.
  {
    name: 'connections at a time',
    phrases: ['too many connections', 'concurrent connections', 'connections limit', 'thread limit'],
    restMs: 15_000,
  },
];

/** Beginnings of words are enough: `sec`, `seconds`. Without a unit a number means seconds. */
const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 };
const NAMED_TIME =
  /\b(?:(?:try|retry)\b[^.;]{0,40}?\b(?:in|after)|retry-after|wait(?: for)?(?: at least)?):? {0,3}(\d{1,6}) {0,3}([smh])?/;

/** Milliseconds, between `MIN_REST_MS` and `MAX_REST_MS`. */
export function throttleRest(reply: SmtpReply): number {
  const text = describeReply(reply).toLowerCase();
  const restMs = namedTime(text) ?? ruleFor(text, reply)?.restMs ?? DEFAULT_REST_MS;
  return Math.min(MAX_REST_MS, Math.max(MIN_REST_MS, restMs));
}

function namedTime(text: string): number | undefined {
  const [, number, unit = 's'] = NAMED_TIME.exec(text) ?? [];
  return number === undefined ? undefined : Number(number) * (UNIT_MS[unit] ?? 0);
}

function ruleFor(text: string, { enhancedCode }: SmtpReply): RestRule | undefined {
  const rest = enhancedCode?.slice(1);
  return REST_RULES.find(
    ({ enhanced, phrases }) =>
      (rest !== undefined && enhanced?.includes(rest) === true) ||
      phrases.some((phrase) => text.includes(phrase)),
  );
}
