/** Where a decision differs from what was expected. */
import type { SelectReply, SelectRequest } from '@smtp-router/selector/contract';
import type { Expectation } from './case-schema.ts';
import { codeOf } from './check-steps.ts';

/** What a selector did: answered, or failed to. */
export type CaseAnswer =
  | { readonly kind: 'reply'; readonly reply: SelectReply }
  | { readonly kind: 'fault'; readonly error: unknown };

/** One expectation that was not met. */
export interface CaseDifference {
  /** Key under `expect`. */
  readonly key: keyof Expectation;
  readonly expected: string;
  readonly actual: string;
}

/** None when every expectation is met; one that is not stated is. */
export function differencesOf(
  expected: Expectation,
  answer: CaseAnswer,
  request: SelectRequest,
): readonly CaseDifference[] {
  const actual = answerWords(answer, request);
  if (actual.fault !== undefined && expected.fault === undefined) {
    return [{ key: 'fault', expected: 'none', actual: actual.fault }];
  }
  const wanted = expectedWords(expected, request);
  return (Object.keys(wanted) as (keyof Expectation)[]).flatMap((key) => {
    const [expectedText, actualText] = [wanted[key] ?? '', actual[key] ?? ''];
    const isMet = isContained(key) ? actualText.includes(expectedText) : actualText === expectedText;
    if (isMet) return [];
    const shown = isContained(key) ? `… ${expectedText} …` : expectedText;
    return [{ key, expected: shown, actual: actualText || 'nothing' }];
  });
}

type Words = Readonly<Partial<Record<keyof Expectation, string | undefined>>>;

/** Texts are written for people; a part of them is enough. */
function isContained(key: keyof Expectation): boolean {
  return key === 'reason' || key === 'text' || key === 'fault';
}

function expectedWords(expected: Expectation, request: SelectRequest): Words {
  const { routes, code, ...texts } = expected;
  return {
    ...(routes !== undefined && { routes: routesText(expectedRoutes(routes, request)) }),
    ...texts,
    ...(code !== undefined && { code: String(code) }),
  };
}

function answerWords(answer: CaseAnswer, request: SelectRequest): Words {
  if (answer.kind === 'fault') {
    const { error } = answer;
    const message = error instanceof Error ? error.message : String(error);
    return { fault: [message, codeOf(error)].filter(Boolean).join(' ') };
  }
  const { reply } = answer;
  if (reply.kind !== 'route') {
    const { kind: verdict, code, text, reason } = reply;
    return { verdict, code: String(code), text, reason };
  }
  const routes = reply.routes.map(({ recipientIds, candidateIds }) => ({
    to: addressesOf(recipientIds, request),
    by: candidateIds,
  }));
  const firsts = new Set(routes.map(({ by }) => by[0]));
  const [first] = firsts;
  return {
    routes: routesText(routes),
    first: firsts.size === 1 ? (first ?? '') : [...firsts].join(' and '),
    reason: reply.reason,
  };
}

interface RouteWords {
  readonly to: readonly string[];
  readonly by: readonly string[];
}

function expectedRoutes(
  routes: NonNullable<Expectation['routes']>,
  request: SelectRequest,
): readonly RouteWords[] {
  const names = routes.filter((route) => typeof route === 'string');
  if (names.length > 0) return [{ to: addressesOf([], request), by: names }];
  return routes.filter((route) => typeof route !== 'string');
}

function addressesOf(ids: readonly number[], { envelope }: SelectRequest): readonly string[] {
  return envelope.recipients
    .filter(({ id }) => ids.length === 0 || ids.includes(id))
    .map(({ address }) => address);
}

/** Neither the order of routes nor that of recipients in one means anything. */
function routesText(routes: readonly RouteWords[]): string {
  const [only, ...others] = routes;
  if (only !== undefined && others.length === 0) return only.by.join(', ');
  return routes
    .map(({ to, by }) => `${to.toSorted().join(' ')}: ${by.join(', ')}`)
    .toSorted()
    .join(' | ');
}
