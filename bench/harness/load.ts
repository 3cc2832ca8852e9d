import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { RunningPeer } from './peer.ts';

const run = promisify(execFile);
const FOLDER = join(import.meta.dirname, '..', 'load');
const BINARY = join(import.meta.dirname, '..', '.cache', 'load');

/** One kind of load. */
export interface Load {
  readonly sizeBytes: number;
  readonly sessions: number;
  readonly mode: 'many' | 'one';
  /** Messages per second; 0 = closed loop. */
  readonly rate: number;
  readonly warmupSeconds: number;
  readonly seconds: number;
  readonly tls: 'off' | 'starttls' | 'implicit';
}

/** What the generator saw. Milliseconds. */
export interface LoadReport {
  readonly sent: number;
  readonly failed: number;
  readonly seconds: number;
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly error: string;
}

/** Builds the generator (Go, standard library only); answers its path. */
export async function buildLoad(): Promise<string> {
  mkdirSync(join(BINARY, '..'), { recursive: true });
  await run('go', ['build', '-o', BINARY, '.'], { cwd: FOLDER });
  return BINARY;
}

/** Runs the generator against a peer; `onCounting` is called when the warm-up is over. */
export async function runLoad(peer: RunningPeer, load: Load, onCounting: () => void): Promise<LoadReport> {
  const args = [
    'source',
    '-addr',
    peer.address,
    '-sessions',
    `${load.sessions}`,
    '-size',
    `${load.sizeBytes}`,
  ];
  args.push('-mode', load.mode, '-rate', `${load.rate}`, '-tls', load.tls);
  args.push('-warmup', `${load.warmupSeconds}`, '-seconds', `${load.seconds}`);
  if (peer.auth !== undefined) args.push('-auth', peer.auth);
  const timer = setTimeout(onCounting, load.warmupSeconds * 1_000);
  try {
    const { stdout } = await run(BINARY, args);
    return parseReport(stdout);
  } finally {
    clearTimeout(timer);
  }
}

function parseReport(text: string): LoadReport {
  const raw = JSON.parse(text) as Record<string, number | string | undefined>;
  const number = (key: string): number => Number(raw[key] ?? 0);
  return {
    sent: number('sent'),
    failed: number('failed'),
    seconds: number('seconds'),
    perSecond: number('per_second'),
    p50: number('p50_ms'),
    p99: number('p99_ms'),
    error: String(raw['error'] ?? ''),
  };
}
