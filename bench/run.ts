/**
 * `npm run bench -- [--cells main,one] [--peers smtp-router,haproxy] [--passes 5] [--seconds 6]`
 *
 * Runs every peer of every cell in turn, pass after pass, and prints a table of medians. Generator,
 * relay and sinks share the machine: trust ratios inside a pass and CPU per message, not messages/s.
 */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CELLS, type Cell } from './harness/cells.ts';
import { buildLoad } from './harness/load.ts';
import { type Measurement, measure } from './harness/measure.ts';
import type { Peer } from './harness/peer.ts';
import { markdownTable } from './harness/table.ts';
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
    warmup: { type: 'string', default: '5' },
  },
});

await main();

async function main(): Promise<void> {
  requireTools();
  if (options.peers.includes('smtp-router')) buildPlugin();
  await buildLoad();
  const peers = chosenPeers();
  for (const cell of chosenCells()) {
    const passes: Measurement[][] = [];
    for (let pass = 1; pass <= Number(options.passes); pass += 1) {
      passes.push(await runPass(cell, peers, pass));
    }
    console.log(`\n### ${cell.name}\n\n${markdownTable(passes)}\n`);
  }
}

async function runPass(cell: Cell, peers: readonly Peer[], pass: number): Promise<Measurement[]> {
  const rows: Measurement[] = [];
  for (const peer of peers) {
    const row = await measure(peer, cell.load);
    rows.push(row);
    console.error(
      `${cell.name} pass ${pass}/${options.passes} ${row.peer}: ${row.perSecond.toFixed(0)} msg/s, ` +
        `CPU ${row.cpuPer1000.toFixed(3)} + ${row.pluginCpuPer1000.toFixed(3)} s/1000, p50 ${row.p50Ms} p99 ${row.p99Ms} ms` +
        (row.failed > 0 ? `, FAILED ${row.failed}: ${row.error}` : ''),
    );
  }
  return rows;
}

function requireTools(): void {
  const missing = ['go', 'smtp-sink'].map(missingTool).filter((line) => line !== undefined);
  if (missing.length === 0) return;
  console.error(`The benchmarks need: ${missing.join('; ')} (Debian: golang, postfix).`);
  process.exit(1);
}

function buildPlugin(): void {
  const folder = join(import.meta.dirname, '..', 'plugins', 'round_robin');
  execFileSync('go', ['build', '-o', PLUGIN, '.'], { cwd: folder, stdio: 'inherit' });
}

function chosenPeers(): readonly Peer[] {
  const names = options.peers.split(',');
  const wanted = PEERS.filter((peer) => names.includes(peer.name));
  for (const peer of wanted) {
    const why = peer.missing();
    if (why !== undefined) console.error(`left out: ${peer.name}: ${why}`);
  }
  return wanted.filter((peer) => peer.missing() === undefined);
}

function chosenCells(): readonly Cell[] {
  const names = options.cells === 'all' ? CELLS.map((cell) => cell.name) : options.cells.split(',');
  return CELLS.filter((cell) => names.includes(cell.name)).map((cell) => ({
    ...cell,
    load: { ...cell.load, seconds: Number(options.seconds), warmupSeconds: Number(options.warmup) },
  }));
}
