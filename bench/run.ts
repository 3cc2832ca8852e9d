/**
 * `npm run bench -- [--cells main,one | all] [--peers smtp-router,haproxy] [--passes 5] [--seconds 6]
 * [--warmup 30] [--warmup-messages 20000] [--write] [--add]`
 *
 * Runs every peer of every cell in turn, pass after pass, and prints a table of medians. `--write` keeps
 * the result of each cell in bench/.cache/results after every pass and writes docs/performance.md from all
 * that is kept there, so that cells can be measured one by one; `--add` adds passes to the kept ones;
 * `--passes 0 --write` only writes the page. Generator, relay and sinks share the machine: trust ratios
 * inside a pass and CPU per message, not messages/s.
 */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CELLS, type Cell } from './harness/cells.ts';
import { describeEnvironment } from './harness/environment.ts';
import { buildLoad, type Duration } from './harness/load.ts';
import { type Measurement, measure } from './harness/measure.ts';
import { type IdleMeasurement, measureIdle } from './harness/measure-idle.ts';
import { cellSection, writePage } from './harness/page.ts';
import type { Peer } from './harness/peer.ts';
import { type CellResult, readResult, readResults, saveResult } from './harness/results.ts';
import { missingTool } from './harness/tools.ts';
import { direct } from './peers/direct.ts';
import { haproxy } from './peers/haproxy.ts';
import { haraka } from './peers/haraka.ts';
import { naive } from './peers/naive.ts';
import { postfix } from './peers/postfix.ts';
import { PLUGIN, router } from './peers/router.ts';

const PEERS: readonly Peer[] = [direct, haproxy, router, naive, haraka, postfix];

const { values: options } = parseArgs({
  options: {
    cells: { type: 'string', default: 'main' },
    peers: { type: 'string', default: PEERS.map((peer) => peer.name).join(',') },
    passes: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '6' },
    warmup: { type: 'string', default: '30' },
    'warmup-messages': { type: 'string', default: '20000' },
    write: { type: 'boolean', default: false },
    add: { type: 'boolean', default: false },
  },
});
const duration: Duration = {
  seconds: Number(options.seconds),
  warmupSeconds: Number(options.warmup),
  warmupMessages: Number(options['warmup-messages']),
};

await main();

async function main(): Promise<void> {
  const cells = chosenCells();
  const passes = Number(options.passes);
  if (passes > 0) await prepare();
  for (const cell of passes > 0 ? cells : []) {
    const result = await runCell(cell, passes);
    console.log(`\n${cellSection(cell, result)}\n`);
    if (options.write) writePage(readResults());
  }
  if (options.write) writePage(readResults());
}

async function prepare(): Promise<void> {
  const missing = ['go', 'smtp-sink', 'openssl'].map(missingTool).filter((line) => line !== undefined);
  if (missing.length > 0) {
    console.error(`The benchmarks need: ${missing.join('; ')} (Debian: golang, postfix, openssl).`);
    process.exit(1);
  }
  if (options.peers.split(',').includes(router.name)) buildPlugin();
  await buildLoad();
}

function buildPlugin(): void {
  const folder = join(import.meta.dirname, '..', 'plugins', 'round_robin');
  execFileSync('go', ['build', '-o', PLUGIN, '.'], { cwd: folder, stdio: 'inherit' });
}

async function runCell(cell: Cell, passes: number): Promise<CellResult> {
  const { peers, leftOut } = chosenPeers(cell);
  let result: CellResult = {
    ...{ cell: cell.name, date: today(), environment: describeEnvironment(), duration, leftOut },
    ...earlierPasses(cell),
  };
  for (let pass = 1; pass <= passes; pass += 1) {
    const label = `${cell.name} pass ${pass}/${passes}`;
    result =
      cell.kind === 'idle'
        ? {
            ...result,
            idlePasses: [...result.idlePasses, await runPass(peers, label, (peer) => idleRow(peer, cell))],
          }
        : {
            ...result,
            passes: [...result.passes, await runPass(peers, label, (peer) => loadRow(peer, cell))],
          };
    if (options.write) saveResult({ ...result, date: today() });
  }
  return result;
}

function earlierPasses(cell: Cell): Pick<CellResult, 'passes' | 'idlePasses'> {
  const kept = options.add ? readResult(cell.name) : undefined;
  return { passes: kept?.passes ?? [], idlePasses: kept?.idlePasses ?? [] };
}

/** A figure and the line that shows it while the bench runs. */
interface Outcome<T> {
  readonly row: T;
  readonly line: string;
}

/** Every peer once. One that fails is missing in this pass only. */
async function runPass<T>(
  peers: readonly Peer[],
  label: string,
  act: (peer: Peer) => Promise<Outcome<T>>,
): Promise<readonly T[]> {
  const rows: T[] = [];
  for (const peer of peers) {
    try {
      const { row, line } = await act(peer);
      rows.push(row);
      console.error(`${label} ${peer.name}: ${line}`);
    } catch (error) {
      console.error(`${label} ${peer.name}: not measured: ${String(error)}`);
    }
  }
  return rows;
}

async function loadRow(
  peer: Peer,
  cell: Extract<Cell, { kind: 'load' | 'latency' }>,
): Promise<Outcome<Measurement>> {
  const row = await measure(peer, cell, duration);
  const trouble = [
    ...(row.failed > 0 ? [`FAILED ${row.failed}: ${row.error}`] : []),
    ...(row.lost > 0 ? [`LOST ${row.lost}`] : []),
    ...(row.isStalled ? ['STALL'] : []),
  ];
  const cpu = `CPU ${row.cpuPer1000.toFixed(3)} + ${row.pluginCpuPer1000.toFixed(3)} s/1000`;
  const times = `p50 ${row.p50Ms.toFixed(2)} p99 ${row.p99Ms.toFixed(2)} ms`;
  const idle = `${(row.idleShare * 100).toFixed(0)} % idle`;
  return { row, line: [`${row.perSecond.toFixed(0)} msg/s`, cpu, times, idle, ...trouble].join(', ') };
}

async function idleRow(peer: Peer, cell: Extract<Cell, { kind: 'idle' }>): Promise<Outcome<IdleMeasurement>> {
  const row = await measureIdle(peer, cell);
  const each = row.kibPerConnection.map((kib, step) => `${kib.toFixed(1)} KiB at ${cell.steps[step]}`);
  return { row, line: each.join(', ') };
}

function chosenPeers(cell: Cell): { readonly peers: readonly Peer[]; readonly leftOut: readonly string[] } {
  const names = options.peers.split(',');
  const reasons = PEERS.map((peer) => ({
    peer,
    why: names.includes(peer.name) ? peer.missing(cell) : 'not asked for',
  }));
  const leftOut = reasons
    .filter(({ why }) => why !== undefined)
    .map(({ peer, why }) => `${peer.name}: ${why}`);
  for (const line of leftOut) console.error(`${cell.name}: left out: ${line}`);
  return { peers: reasons.filter(({ why }) => why === undefined).map(({ peer }) => peer), leftOut };
}

function chosenCells(): readonly Cell[] {
  if (options.cells === 'all') return CELLS;
  const names = options.cells.split(',');
  const unknown = names.filter((name) => !CELLS.some((cell) => cell.name === name));
  if (unknown.length > 0) {
    console.error(
      `no such cell: ${unknown.join(', ')}; there are ${CELLS.map((cell) => cell.name).join(', ')}`,
    );
    process.exit(1);
  }
  return CELLS.filter((cell) => names.includes(cell.name));
}

function today(): string {
  return new Date().toISOString().slice(0, 10);
}
