import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { portAnswers, startChild } from '../harness/child.ts';
import { freePorts } from '../harness/ports.ts';
import { treeUsage } from '../harness/process-usage.ts';
import { LOGIN } from './plain-session.ts';

const BIN = join(import.meta.dirname, '..', '..', 'packages', 'router', 'bin', 'smtp-router.js');

/** The router as its own process, so that its memory is its own. The caller stops it. */
export interface HostileRouter {
  readonly port: number;
  /** Resident memory now. */
  rssBytes(): number;
  stop(): Promise<void>;
}

/** Starts the router with one downstream and no selector process. */
export async function startHostileRouter(downstreamPort: number, limits = ''): Promise<HostileRouter> {
  const [port = 0] = await freePorts(1);
  const folder = mkdtempSync(join(tmpdir(), 'hostile-'));
  const file = join(folder, 'config.yaml');
  const lines = [
    'hostname: router.bench',
    `listen: [{ address: "127.0.0.1:${port}" }]`,
    `users: [{ email: ${LOGIN.user}, password: ${LOGIN.password} }]`,
    `downstreams: { sink: { addr: "127.0.0.1:${downstreamPort}", tls: off } }`,
    'admin: { address: "127.0.0.1:0" }',
    'shutdown_grace: 1s',
    `state_dir: ${join(folder, 'state')}`,
    limits,
    '',
  ];
  writeFileSync(file, lines.join('\n'));
  const child = startChild(process.execPath, [BIN, 'serve', '-c', file]);
  await portAnswers(port);
  return {
    port,
    rssBytes: () => treeUsage(child.pid).rssBytes,
    stop: async () => {
      await child.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
