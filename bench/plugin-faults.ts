/**
 * `npm run bench:faults -- [--only hang,exit,…] [--passes 5] [--window 350]`
 *
 * What users of a healthy plugin notice while somebody else's plugin fails: the 99th percentile of their
 * latency, with and without the fault, each the median of several windows of the same run. Exits 1 when a
 * fault costs others more than three times their baseline, or a message.
 *
 * One router has all plugins, each fails in its turn; those that go on for ever once they have begun have a
 * router of their own. A latency counts from the moment a message was due.
 */
import { parseArgs } from 'node:util';
import {
  FAULTS_IN_CALLS,
  FAULTS_IN_FRAMES,
  FAULTS_OF_TYPE,
  FAULTS_ON_STREAM,
  FLOODS,
} from '../interop/test/support/plugin-faults.ts';
import { markdown } from './harness/table.ts';
import { startQuickSink } from './hostile/quick-sink.ts';
import {
  buildFaultPlugin,
  type FaultyRouter,
  OTHER,
  startFaultyRouter,
} from './plugin-faults/faulty-router.ts';
import { SteadyMail } from './plugin-faults/steady-mail.ts';

const MAX_RATIO = 3;
/** 8 sessions of others send 267 messages a second, 2 of the failing user up to 20. */
const OTHERS = { name: OTHER, sessions: 8, periodMs: 30 } as const;
const FAILING = { sessions: 2, periodMs: 100 } as const;
const WARM_UP_MS = 3_000;
/** From a window with the fault to one without: what it left is cleared away. */
const SETTLE_MS = 200;

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    passes: { type: 'string', default: '5' },
    window: { type: 'string', default: '350' },
  },
});
const passes = Number(values.passes);
const windowMs = Number(values.window);
const only = values.only?.split(',');

const ending = [...FAULTS_IN_CALLS, ...FAULTS_OF_TYPE, ...FAULTS_IN_FRAMES, ...FAULTS_ON_STREAM];
const chosen = (faults: readonly { readonly name: string }[]): readonly string[] =>
  faults.map(({ name }) => name).filter((name) => only === undefined || only.includes(name));

interface Row {
  readonly fault: string;
  readonly baselineMs: number;
  readonly faultMs: number;
  readonly refused: number;
}

const program = buildFaultPlugin();
const sink = await startQuickSink();
const rows: Row[] = [];
await withRouter(chosen(ending));
for (const flood of chosen(FLOODS)) await withRouter([flood]);
sink.stop();

const ratioOf = ({ faultMs, baselineMs }: Row): number => faultMs / baselineMs;
const cells = rows.map((row) => [
  row.fault,
  row.baselineMs.toFixed(2),
  row.faultMs.toFixed(2),
  ratioOf(row).toFixed(2),
  String(row.refused),
]);
console.log(markdown(['fault', 'p99 ms without', 'p99 ms with', 'ratio', 'not answered 250'], cells));
const missed = rows.filter((row) => ratioOf(row) > MAX_RATIO || row.refused > 0);
for (const row of missed)
  console.log(`MISSED: ${row.fault}, ratio ${ratioOf(row).toFixed(2)}, bound ${MAX_RATIO}`);
process.exit(missed.length === 0 ? 0 : 1);

/** Measures each fault under one router. */
async function withRouter(faults: readonly string[]): Promise<void> {
  if (faults.length === 0) return;
  const router = await startFaultyRouter(program, faults, sink.port);
  const others = new SteadyMail({ port: router.port, ...OTHERS });
  try {
    await others.window(WARM_UP_MS);
    for (const fault of faults) rows.push(await measure(router, others, fault));
  } finally {
    await others.stop();
    await router.stop();
  }
}

/** Windows with and without the fault take turns, unless it does not end once it has begun. */
async function measure(router: FaultyRouter, others: SteadyMail, fault: string): Promise<Row> {
  const refused = others.refused;
  const isEndless = FLOODS.some(({ name }) => name === fault);
  const [without, withFault]: [number[], number[]] = [[], []];
  if (isEndless) for (let pass = 0; pass < passes; pass += 1) without.push(await p99(others));
  for (let pass = 0; pass < passes; pass += 1) {
    if (!isEndless) without.push(await p99(others));
    const failing = new SteadyMail({ port: router.port, name: fault, ...FAILING });
    withFault.push(await p99(others));
    await failing.stop();
    await others.window(SETTLE_MS);
  }
  return {
    fault,
    baselineMs: percentile(without, 0.5),
    faultMs: percentile(withFault, 0.5),
    refused: others.refused - refused,
  };
}

async function p99(others: SteadyMail): Promise<number> {
  return percentile(await others.window(windowMs), 0.99);
}

/** The smallest value that so great a share of all does not exceed. */
function percentile(figures: readonly number[], share: number): number {
  const sorted = figures.toSorted((left, right) => left - right);
  return sorted[Math.ceil(sorted.length * share) - 1] ?? Number.NaN;
}
