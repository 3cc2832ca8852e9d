/**
 * `npm run bench:selection -- [--passes 7] [--seconds 1.5] [--write]`
 *
 * What one selection costs the router's process when a real Go plugin makes it: net/rpc and gRPC, in clear and
 * with AutoMTLS, at 5 000 calls/s, with 1, 8 and 64 calls under way, and 10 000 calls at once. A process for each
 * row; all take their turns in every pass, in an order that is turned about from pass to pass, so that what
 * differs in time falls out of the ratios. `--write` puts the tables into docs/performance.md. About half a
 * minute a pass on a machine that does nothing else.
 */
import { type ChildProcess, execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { describeEnvironment } from './harness/environment.ts';
import { writeSection } from './harness/page.ts';
import { missingTool } from './harness/tools.ts';
import { type Figures, selectionReport } from './selection/report.ts';
import type { Shape } from './selection/shape.ts';
import { SUBJECTS, type Subject } from './selection/subject.ts';
import type { Task, TaskResult, WorkerMessage } from './selection/worker.ts';

const { values: options } = parseArgs({
  options: {
    passes: { type: 'string', default: '7' },
    seconds: { type: 'string', default: '1.5' },
    write: { type: 'boolean', default: false },
  },
});
const seconds = Number(options.seconds);
const passCount = Number(options.passes);

const GOAL_LOAD = '5 000/s';
const SHAPES: readonly { readonly load: string; readonly shape: Shape }[] = [
  { load: GOAL_LOAD, shape: { kind: 'open', perSecond: 5000, seconds } },
  ...[1, 8, 64].map((inFlight) => ({
    load: `${inFlight} under way`,
    shape: { kind: 'closed', inFlight, seconds: seconds / 4 } as const,
  })),
  { load: '10 000 at once', shape: { kind: 'burst', calls: 10_000 } },
];
const WARM_UP: readonly Shape[] = [
  { kind: 'closed', inFlight: 20, seconds: 1 },
  { kind: 'open', perSecond: 5000, seconds: 1 },
];

interface Worker {
  readonly subject: Subject;
  readonly child: ChildProcess;
}

const missing = missingTool('go');
if (missing !== undefined) {
  console.error(`The bench needs Go: ${missing}.`);
  process.exit(1);
}
const workers: Worker[] = [];
try {
  for (const subject of SUBJECTS) workers.push(await startWorker(subject));
  for (const worker of workers) for (const shape of WARM_UP) await runTask(worker, shape);
  const passes: (readonly Figures[])[] = [];
  for (let pass = 1; pass <= passCount; pass += 1) {
    passes.push(await runPass(pass));
    console.error(`pass ${pass} of ${passCount}`);
  }
  const report = selectionReport(passes, GOAL_LOAD);
  console.log(report);
  if (options.write) writeSection('selection', `${measuredLine(passes.length)}\n\n${report}`);
} finally {
  await Promise.all(workers.map(stopWorker));
}

async function startWorker(subject: Subject): Promise<Worker> {
  const program = join(import.meta.dirname, '.cache', `selection-${subject.plugin}`);
  const folder = join(import.meta.dirname, '..', 'plugins', subject.plugin);
  execFileSync('go', ['build', '-o', program, '.'], { cwd: folder, stdio: 'inherit' });
  const child = fork(join(import.meta.dirname, 'selection', 'worker.ts'), [subject.name, program]);
  const message = await nextMessage(child);
  if (message.kind !== 'ready') throw new Error(`${subject.name}: ${JSON.stringify(message)}`);
  if (message.isMutualTls !== (subject.autoMtls === 'require')) throw new Error(`${subject.name} is not`);
  return { subject, child };
}

/** Each way's two rows stay neighbours; which of them is first changes from pass to pass. */
async function runPass(pass: number): Promise<readonly Figures[]> {
  const order = pass % 2 === 0 ? workers.toReversed() : workers;
  const figures: Figures[] = [];
  for (const { load, shape } of SHAPES) {
    for (const worker of order) {
      figures.push(figuresOf(worker.subject.name, load, await runTask(worker, shape)));
    }
  }
  return figures;
}

async function runTask({ child, subject }: Worker, shape: Shape): Promise<TaskResult> {
  const task: Task = { shape };
  child.send(task);
  const message = await nextMessage(child);
  if (message.kind !== 'result') throw new Error(`${subject.name}: ${JSON.stringify(message)}`);
  if (message.starts > 1) console.error(`${subject.name}: the plugin was started ${message.starts} times`);
  if (message.outcome.failed > 0) {
    console.error(`${subject.name}: ${message.outcome.failed} calls failed: ${message.outcome.error}`);
  }
  return message;
}

function figuresOf(peer: string, load: string, result: TaskResult): Figures {
  const { outcome, harnessUsPerCall, pluginUsPerCall } = result;
  return {
    peer,
    load,
    perSecond: outcome.answered / outcome.seconds,
    failed: outcome.failed,
    hostUs: outcome.cpuUs / Math.max(1, outcome.answered) - harnessUsPerCall,
    pluginUs: pluginUsPerCall,
    p50Us: outcome.p50Us,
    p99Us: outcome.p99Us,
  };
}

async function nextMessage(child: ChildProcess): Promise<WorkerMessage> {
  const gone = once(child, 'exit').then(([status]) => {
    throw new Error(`a worker ended with status ${status}`);
  });
  // The workers are ours; what they send has the type they declare.
  const [message] = (await Promise.race([once(child, 'message'), gone])) as [WorkerMessage];
  return message;
}

async function stopWorker({ child }: Worker): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.disconnect();
  await exited;
}

function measuredLine(passes: number): string {
  const { machine, versions, revision } = describeEnvironment();
  const node = versions.slice(0, 2).join(', ');
  const day = new Date().toISOString().slice(0, 10);
  return `${day}, revision ${revision}, ${passes} passes of ${seconds} s a row; ${machine}; ${node}.`;
}
