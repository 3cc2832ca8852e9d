import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { portAnswers, startChild } from '../harness/child.ts';
import { freePorts } from '../harness/ports.ts';
import { treeUsage } from '../harness/process-usage.ts';
import { LOGIN } from '../hostile/plain-session.ts';

const BIN = join(import.meta.dirname, '..', '..', 'packages', 'router', 'bin', 'smtp-router.js');

/** The router as its own process. The caller stops it. */
export interface LargeMailRouter {
  readonly port: number;
  /** Most resident memory since the start: the kernel's own count, so no sample misses it. */
  peakRssBytes(): number;
  cpuSeconds(): number;
  /** Temporary files there are now. */
  filesLeft(): number;
  stop(): Promise<void>;
}

/** Starts the router with one downstream, connections enough for all messages at a time, and time enough. */
export async function startLargeMailRouter(
  downstreamPort: number,
  messages: number,
): Promise<LargeMailRouter> {
  const [port = 0] = await freePorts(1);
  const folder = mkdtempSync(join(tmpdir(), 'memory-'));
  const file = join(folder, 'config.yaml');
  const state = join(folder, 'state');
  const lines = [
    'hostname: router.bench',
    `listen: [{ address: "127.0.0.1:${port}" }]`,
    `users: [{ email: ${LOGIN.user}, password: ${LOGIN.password} }]`,
    `downstreams: { sink: { addr: "127.0.0.1:${downstreamPort}", tls: off, max_connections: ${messages} } }`,
    'relay: { budget: 10m }',
    'timeouts: { data: 5m }',
    'admin: { address: "127.0.0.1:0" }',
    'shutdown_grace: 1s',
    `state_dir: ${state}`,
    '',
  ];
  writeFileSync(file, lines.join('\n'));
  const child = startChild(process.execPath, [BIN, 'serve', '-c', file]);
  await portAnswers(port);
  return {
    port,
    peakRssBytes: () => highWaterMark(child.pid),
    cpuSeconds: () => treeUsage(child.pid).cpuSeconds,
    filesLeft: () => readdirSync(join(state, 'messages')).length,
    stop: async () => {
      await child.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** proc(5), /proc/pid/status: VmHWM in kibibytes. */
function highWaterMark(pid: number): number {
  const match = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'));
  return Number(match?.[1] ?? Number.NaN) * 1_024;
}
