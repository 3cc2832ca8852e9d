/** The small words a configuration is made of, as zod schemas: durations, sizes, addresses, names, secrets. */
import { BlockList, isIPv4, isIPv6 } from 'node:net';
import { parseMailbox } from '@smtp-router/smtp/grammar';
import { z } from 'zod';
import { type HostPort, parseHostPort } from './host-port.ts';
import { DURATION_PATTERN, parseDuration, parseSize, SIZE_PATTERN } from './units.ts';

/** Timers of Node end at 2^31 - 1 ms, a little more than 24 days. */
const LONGEST_MS = 24 * 86_400_000;

/** Starts the message of every value that belongs to a later release; `schema-issue.ts` tells the code by it. */
export const NOT_SUPPORTED = 'is not supported yet';

/** Names of downstreams and selectors: they appear in logs, metrics and replies. */
export const NAME_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._@:-]{0,99}$/;

/** A duration with its unit; milliseconds afterwards. */
export const duration = () =>
  z
    .string({
      error: (issue) =>
        issue.input === undefined
          ? undefined
          : 'expected a duration with a unit, such as 500ms, 30s, 5m or 3d',
    })
    .regex(DURATION_PATTERN, {
      error: (issue) => `${shown(issue.input)} is no duration; write 500ms, 30s, 5m, 1h or 3d`,
    })
    .transform((text, context) => {
      const ms = parseDuration(text) ?? 0;
      if (ms >= 1 && ms <= LONGEST_MS) return ms;
      context.addIssue({
        code: 'custom',
        message: `${shown(text)} is out of range; durations go from 1ms to 24d`,
      });
      return z.NEVER;
    });

/** A size with its unit; bytes afterwards. */
export const size = (minBytes: number, maxBytes: number) =>
  z
    .string({
      error: (issue) =>
        issue.input === undefined ? undefined : 'expected a size with a unit, such as 500kB, 25MB or 50MiB',
    })
    .regex(SIZE_PATTERN, { error: (issue) => `${shown(issue.input)} is no size; write 500kB, 25MB or 50MiB` })
    .transform((text, context) => {
      const bytes = parseSize(text) ?? -1;
      if (bytes >= minBytes && bytes <= maxBytes) return bytes;
      context.addIssue({
        code: 'custom',
        message: `${shown(text)} is out of range; allowed are ${minBytes}B to ${maxBytes}B`,
      });
      return z.NEVER;
    });

/** `host:port`; its parts afterwards. */
export const hostPort = (minPort: number) =>
  z.string().transform((text, context): HostPort & { readonly text: string } => {
    const parsed = parseHostPort(text);
    const fault =
      typeof parsed === 'string'
        ? parsed
        : parsed.port < minPort
          ? `port ${parsed.port} is no port to connect to`
          : '';
    if (typeof parsed !== 'string' && fault === '') return { ...parsed, text };
    context.addIssue({ code: 'custom', message: fault });
    return z.NEVER;
  });

/** An address or a network such as `10.0.0.0/8`. */
export const network = () =>
  z.string().refine(isNetwork, {
    error: (issue) => `${shown(issue.input)} is no network; write 10.0.0.0/8, fd00::/8 or a single address`,
  });

/** A mail address, with stars in place of any characters; `*` alone is every address. */
export const addressPattern = () =>
  line(320).refine((text) => text === '*' || /^[^@\s<>]+@[^@\s<>]+$/.test(text), {
    error: (issue) => `${shown(issue.input)} is no address; write app@example.com, "*@example.com" or "*"`,
  });

/** What becomes of a sender address: kept, the login of the downstream, or an address in its place. */
export const rewriting = () =>
  line(320).refine((text) => text === 'keep' || text === 'login' || isMailAddress(text), {
    error: (issue) => `${shown(issue.input)} is no address; write keep, login or an address in ASCII`,
  });

/** An address that can stand in MAIL and in From without quoting or encoding it anew. */
export function isMailAddress(text: string): boolean {
  return parseMailbox(text) !== undefined;
}

/** A PHC string of argon2id. It is as good as a password to whoever can try many: never echoed. */
export const passwordHash = () =>
  line(1024).refine((text) => isPasswordHash(text), {
    error: () => 'is no argon2id hash; smtp-router user hash prints one',
  });

/** A whole number between two bounds, both included. */
export const count = (min: number, max: number) => z.int().min(min).max(max);

/** One of the words this release knows; words of later releases are named as such. */
export const oneOf = <const Word extends string>(words: readonly Word[], later: readonly string[] = []) =>
  z.enum(words, {
    error: (issue) =>
      typeof issue.input === 'string' && later.includes(issue.input)
        ? `${shown(issue.input)} ${NOT_SUPPORTED} by this release; use ${words.join(' or ')}`
        : undefined,
  });

/** A key of a later release: its presence is refused with a clear word. */
export const later = () =>
  z.never({ error: () => `this key ${NOT_SUPPORTED} by this release; remove it` }).optional();

/** Text without line breaks, NUL and other control characters: safe in SMTP commands, environment and logs. */
export const line = (maxCharacters: number) =>
  z
    .string()
    .min(1, { error: () => 'must not be empty' })
    .max(maxCharacters, { error: () => `is longer than ${maxCharacters} characters` })
    .refine((text) => !/\p{Cc}/u.test(text), { error: () => 'must not hold control characters' });

/** A name under `downstreams` or `selectors`. */
export const name = () =>
  z.string().regex(NAME_PATTERN, {
    error: () => 'is no name; names have letters, digits and . _ @ : - and start with a letter or digit',
  });

/**
 * `$argon2id$v=19$m=<KiB>,t=<passes>,p=<lanes>$<salt>$<hash>` in base64 without padding; sizes by
 * RFC 9106 §3.1. A hash may cost 1 GiB: what a login needs, several at a time need.
 */
function isPasswordHash(text: string): boolean {
  const match = HASH_PATTERN.exec(text);
  if (match === null) return false;
  const [memoryKib = 0, passes = 0, lanes = 0] = match.slice(1).map(Number);
  const isCostPossible = memoryKib >= 8 * lanes && memoryKib <= 1_048_576 && passes <= 100 && lanes <= 64;
  return isCostPossible && passes > 0 && lanes > 0;
}

const HASH_PATTERN =
  /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,2})\$[A-Za-z0-9+/]{11,86}\$[A-Za-z0-9+/]{22,172}$/;

function isNetwork(text: string): boolean {
  const [address = '', prefix, ...rest] = text.split('/');
  const family = isIPv4(address) ? 'ipv4' : isIPv6(address) ? 'ipv6' : undefined;
  if (family === undefined || rest.length > 0) return false;
  if (prefix === undefined) return true;
  if (!/^\d{1,3}$/.test(prefix) || Number(prefix) > (family === 'ipv4' ? 32 : 128)) return false;
  new BlockList().addSubnet(address, Number(prefix), family);
  return true;
}

function shown(input: unknown): string {
  return JSON.stringify(String(input).slice(0, 60));
}
