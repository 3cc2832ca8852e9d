import type { Blame, DeliveredOutcome, Outcome, UndeliveredOutcome } from '../../src/message/outcome.ts';

/** One outcome of every shape a relay can report, for table tests over all combinations. */
export interface OutcomeSample {
  readonly name: string;
  /** Undefined stands for a recipient the relay said nothing about. */
  readonly outcome: Outcome | undefined;
}

const BLAMES: readonly Blame[] = [
  'network',
  'downstream',
  'credentials',
  'throttle',
  'identity',
  'capability',
  'recipient',
  'content',
  'router',
];
const KINDS = ['deferred', 'failed', 'ambiguous'] as const;
const CODES = [
  undefined,
  421,
  450,
  451,
  452,
  454,
  455,
  500,
  501,
  502,
  503,
  504,
  521,
  530,
  534,
  535,
  538,
  550,
  551,
  552,
  553,
  554,
  555,
  556,
  // What no server should say to a dot, and some do.
  199,
  250,
  354,
  599,
];

export function delivered(downstreamId = 'first'): DeliveredOutcome {
  return {
    kind: 'delivered',
    downstreamId,
    reply: { code: 250, enhancedCode: '2.0.0', lines: ['Ok: queued as 4711'] },
  };
}

export function undelivered(
  kind: UndeliveredOutcome['kind'],
  blame: Blame,
  code?: number,
  text = 'because',
): UndeliveredOutcome {
  const base = { kind, phase: 'rcpt', blame, downstreamId: 'first', message: 'for the log' } as const;
  if (code === undefined) return { ...base, errorCode: 'ROUTER_CONNECTION_LOST' };
  return { ...base, reply: { code, enhancedCode: `${Math.floor(code / 100)}.1.1`, lines: [text] } };
}

export function heldBack(): UndeliveredOutcome {
  return {
    kind: 'deferred',
    phase: 'rcpt',
    blame: 'router',
    downstreamId: 'first',
    errorCode: 'ROUTER_ALL_OR_NOTHING',
    message: 'another recipient was refused',
  };
}

/** Every kind with every blame and every code, and the two that are none of these. */
export const ALL_SAMPLES: readonly OutcomeSample[] = [
  { name: 'delivered', outcome: delivered() },
  { name: 'delivered elsewhere', outcome: delivered('second') },
  { name: 'held back', outcome: heldBack() },
  { name: 'missing', outcome: undefined },
  ...KINDS.flatMap((kind) =>
    BLAMES.flatMap((blame) =>
      CODES.map((code) => ({
        name: `${kind} ${blame} ${code ?? 'no reply'}`,
        outcome: undelivered(kind, blame, code),
      })),
    ),
  ),
];

/** Few enough for every pair and every triple. */
export const TYPICAL_SAMPLES: readonly OutcomeSample[] = [
  ...ALL_SAMPLES.slice(0, 4),
  ...(
    [
      ['deferred', 'network', undefined],
      ['deferred', 'throttle', 421],
      ['deferred', 'recipient', 450],
      ['deferred', 'recipient', 452],
      ['deferred', 'downstream', 554],
      ['failed', 'recipient', 550],
      ['failed', 'recipient', 553],
      ['failed', 'content', 552],
      ['failed', 'content', 554],
      ['failed', 'content', 500],
      ['failed', 'identity', 550],
      ['failed', 'identity', 530],
      ['failed', 'credentials', 535],
      ['failed', 'capability', undefined],
      ['ambiguous', 'network', undefined],
      ['ambiguous', 'downstream', 250],
    ] as const
  ).map(([kind, blame, code]) => ({
    name: `${kind} ${blame} ${code ?? 'no reply'}`,
    outcome: undelivered(kind, blame, code),
  })),
];
