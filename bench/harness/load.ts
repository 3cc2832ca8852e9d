import { execFile, spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import type { Load } from './cells.ts';
import { endWithUs } from './child.ts';
import type { RunningPeer } from './peer.ts';

const FOLDER = join(import.meta.dirname, '..', 'load');
/** The generator, once built. */
export const LOAD_BINARY = join(import.meta.dirname, '..', '.cache', 'load');
/** The last messages may take this long (the generator's own time-out is 30 s), then the run is ended. */
const GRACE_SECONDS = 45;
/** Of the second run: connections are opened and have carried mail before anything is counted. */
const LEAD_IN_SECONDS = 1;

/** How long a peer is loaded, the same for every peer. */
export interface Duration {
  /** Warm-up ends after so many messages … */
  readonly warmupMessages: number;
  /** … or after so many seconds, whichever comes first. */
  readonly warmupSeconds: number;
  /** Counted. */
  readonly seconds: number;
}

/** Called at the edges of the counted time, while the load still runs. */
export interface Edges {
  counting(): void;
  counted(): void;
}

/** What the generator saw. Milliseconds. */
export interface LoadReport {
  /** Within the counted time. */
  readonly sent: number;
  /** From start to end. */
  readonly accepted: number;
  readonly failed: number;
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly error: string;
}

/** Builds the generator (Go, standard library only). */
export async function buildLoad(): Promise<void> {
  mkdirSync(join(LOAD_BINARY, '..'), { recursive: true });
  await promisify(execFile)('go', ['build', '-o', LOAD_BINARY, '.'], { cwd: FOLDER });
}

/** Warms the peer up at full speed, whatever the rate of the cell, so that its code is compiled and its pools are full. */
export function warmUp(peer: RunningPeer, load: Load, duration: Duration): Promise<LoadReport> {
  const limits = ['-messages', `${duration.warmupMessages}`, '-seconds', `${duration.warmupSeconds}`];
  return generate([...target(peer, { ...load, rate: 0 }), ...limits], duration.warmupSeconds);
}

/** Loads the peer for the counted time. */
export function runLoad(
  peer: RunningPeer,
  load: Load,
  duration: Duration,
  edges: Edges,
): Promise<LoadReport> {
  const limits = ['-warmup', `${LEAD_IN_SECONDS}`, '-seconds', `${duration.seconds}`];
  return generate([...target(peer, load), ...limits], LEAD_IN_SECONDS + duration.seconds, edges);
}

function target(peer: RunningPeer, load: Load): readonly string[] {
  return [
    ...['-addr', peer.address, '-sessions', `${load.sessions}`, '-size', `${load.sizeBytes}`],
    ...['-mode', load.mode, '-rate', `${load.rate}`, '-tls', load.tls],
    ...(peer.auth === undefined ? [] : ['-auth', peer.auth]),
  ];
}

/** Runs the generator; it says on stderr when it begins and ends counting, and reports on stdout. */
function generate(args: readonly string[], seconds: number, edges?: Edges): Promise<LoadReport> {
  const child = spawn(LOAD_BINARY, ['source', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: (seconds + GRACE_SECONDS) * 1_000,
    killSignal: 'SIGKILL',
  });
  endWithUs(child);
  let report = '';
  let complaint = '';
  child.stdout.on('data', (chunk: Buffer) => {
    report += chunk.toString('latin1');
  });
  createInterface(child.stderr).on('line', (line) => {
    if (line === 'counting') edges?.counting();
    else if (line === 'counted') edges?.counted();
    else complaint = line;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve(parseReport(report));
      else reject(new Error(`the generator ended with ${code ?? 'a signal'}: ${complaint}`));
    });
  });
}

function parseReport(text: string): LoadReport {
  const raw = JSON.parse(text) as Record<string, number | string | undefined>;
  const number = (key: string): number => Number(raw[key] ?? 0);
  return {
    sent: number('sent'),
    accepted: number('accepted'),
    failed: number('failed'),
    perSecond: number('per_second'),
    p50: number('p50_ms'),
    p99: number('p99_ms'),
    error: String(raw['error'] ?? ''),
  };
}
