/** Failures in words for people: what happened, what to do, and the code to look it up by. */
import { GO_PLUGIN_ERRORS } from '@smtp-router/go-plugin/errors';
import { SELECTOR_ERRORS } from '@smtp-router/selector/errors';
import { SMTP_ERRORS } from '@smtp-router/smtp/errors';
import { type ErrorEntry, ROUTER_ERRORS, RouterError } from '../errors.ts';

/** Every code the product can show; `docs/errors.md` is written from the same. */
const CATALOGUES: readonly Readonly<Record<string, ErrorEntry>>[] = [
  ROUTER_ERRORS,
  GO_PLUGIN_ERRORS,
  SELECTOR_ERRORS,
  SMTP_ERRORS,
];

/** One line for a failed command; anything but a `RouterError` is a mistake of ours and says so. */
export function describeError(error: unknown): string {
  if (error instanceof RouterError) return describeFailure(error.code, error.message);
  const reason = error instanceof Error ? error.message : String(error);
  return describeFailure('ROUTER_INTERNAL', `internal error: ${reason}`);
}

/** `what happened; what to do [CODE]`, on one line. */
export function describeFailure(code: string, message: string): string {
  const what = (message.split('\n')[0] ?? '').replace(/[.\s]+$/, '');
  const remedy = remedyOf(code) ?? 'docs/errors.md explains the code.';
  return `${what}; ${lowerFirst(remedy)} [${code}]`;
}

/** What to do about a code; undefined when no catalogue has it. */
export function remedyOf(code: string): string | undefined {
  const catalogue = CATALOGUES.find((entries) => Object.hasOwn(entries, code));
  return catalogue?.[code]?.remedy;
}

/** `Start it` becomes `start it`; `TLS …` stays. */
function lowerFirst(sentence: string): string {
  return /^[A-Z][a-z ]/.test(sentence) ? sentence.charAt(0).toLowerCase() + sentence.slice(1) : sentence;
}
