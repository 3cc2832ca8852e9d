/**
 * `node bench/selection/worker.ts SUBJECT PROGRAM`, forked by `bench/selection.ts`: a process that does what
 * the router's does for one plugin and nothing else. It is told shapes of load and answers what came of them,
 * once with the plugin asked and once with nobody, which is what the harness costs by itself.
 */
import {
  type DownstreamView,
  requestWith,
  type SelectRequest,
  viewWith,
} from '@smtp-router/selector/contract';
import { createPluginSelection } from '../../packages/router/src/selection/plugin-selection.ts';
import { treeUsage } from '../harness/process-usage.ts';
import { type Ask, type Outcome, runShape, type Shape } from './shape.ts';
import { SUBJECTS } from './subject.ts';

/** What the parent sends. */
export interface Task {
  readonly shape: Shape;
}

/** What it is answered; `ready` once the plugin is up. */
export type WorkerMessage =
  | {
      readonly kind: 'ready';
      readonly isMutualTls: boolean | undefined;
      readonly protocol: string | undefined;
    }
  | { readonly kind: 'failed'; readonly reason: string }
  | TaskResult;

export interface TaskResult {
  readonly kind: 'result';
  readonly outcome: Outcome;
  /** CPU microseconds of the same shape with nobody asked, for each call. */
  readonly harnessUsPerCall: number;
  /** CPU microseconds of the plugin, for each call. */
  readonly pluginUsPerCall: number;
  /** Of the plugin; more than one means that it was replaced under load. */
  readonly starts: number;
}

const HARNESS_SECONDS = 0.1;

/** Beyond any burst. */
const MAX_IN_FLIGHT = 100_000;

const SINKS = ['one', 'two', 'three', 'four', 'five'].map((id, index) =>
  viewWith({ id, addr: `${id}.example.net:${2525 + index}`, state: 'up', labels: { region: 'eu' } }),
);
const TEMPLATE = requestWith({
  timeoutMs: 30_000,
  envelope: {
    mailFrom: 'sender@example.com',
    recipients: [0, 1, 2].map((id) => ({ id, address: `to-${id}@example.org`, domain: 'example.org' })),
  },
});

const [, , name = '', program = ''] = process.argv;
const subject = SUBJECTS.find((candidate) => candidate.name === name);
if (subject === undefined) throw new Error(`no subject ${name}`);

const selection = createPluginSelection({
  name: 'bench',
  command: [program],
  env: {},
  autoMtls: subject.autoMtls,
  startTimeoutMs: 10_000,
  timeoutMs: 30_000,
  maxInFlight: MAX_IN_FLIGHT,
  onFailure: 'tempfail',
  tail: 'rest',
  events: { emit: () => undefined },
});
await selection.start();
const { state, isMutualTls, protocol, lastFailure } = selection.status();
if (state !== 'ready') tell({ kind: 'failed', reason: lastFailure?.error.message ?? state });
else tell({ kind: 'ready', isMutualTls, protocol });

process.on('message', ({ shape }: Task) => void run(shape));
process.on('disconnect', () => void selection.close());

async function run(shape: Shape): Promise<void> {
  const harness = await runShape(harnessShape(shape), nobody);
  const pluginBefore = pluginCpu();
  const outcome = await runShape(shape, askPlugin);
  const calls = Math.max(1, outcome.answered);
  tell({
    kind: 'result',
    outcome,
    harnessUsPerCall: harness.cpuUs / Math.max(1, harness.answered),
    pluginUsPerCall: ((pluginCpu() - pluginBefore) * 1e6) / calls,
    starts: selection.status().starts,
  });
}

/** Nobody answers at once, so that a lane makes many calls in little time. */
function harnessShape(shape: Shape): Shape {
  return shape.kind === 'closed' ? { ...shape, seconds: HARNESS_SECONDS } : shape;
}

function pluginCpu(): number {
  const { pid } = selection.status();
  return pid === undefined ? Number.NaN : treeUsage(pid).cpuSeconds;
}

const askPlugin: Ask = async () => {
  const { record } = await selection.select(request());
  if (record.decidedBy !== 'selector') throw new Error(record.reason);
};

/** Everything the harness does for a call, the request included, which the relay makes for every message anyway. */
async function nobody(): Promise<void> {
  await Promise.resolve(request());
}

/** As the relay makes it: views of their own for every message. */
function request(): SelectRequest {
  const downstreams: DownstreamView[] = [];
  for (const view of SINKS) downstreams.push({ ...view });
  return { ...TEMPLATE, downstreams };
}

function tell(message: WorkerMessage): void {
  process.send?.(message);
}
