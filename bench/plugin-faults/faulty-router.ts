import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { portAnswers, startChild } from '../harness/child.ts';
import { freePorts } from '../harness/ports.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const BIN = join(ROOT, 'packages', 'router', 'bin', 'smtp-router.js');
const CACHE = join(ROOT, 'bench', '.cache');
const PASSWORD = 'secret';

/** Calls every process of a failing plugin answers properly first. */
const GOOD_CALLS = 2;

/** A router that is killed sooner leaves plugins behind that do not end when they are asked. */
const END_MS = 10_000;

/** The user whose plugin does not fail. */
export const OTHER = 'other';

/** The router as its own process, with a plugin and a user for every fault. The caller stops it. */
export interface FaultyRouter {
  readonly port: number;
  stop(): Promise<void>;
}

/** Builds the plugin; answers its path. */
export function buildFaultPlugin(): string {
  const program = join(CACHE, 'fault-plugin');
  mkdirSync(CACHE, { recursive: true });
  execFileSync('go', ['build', '-o', program, './cmd/fault-plugin'], {
    cwd: join(ROOT, 'interop'),
    stdio: 'inherit',
  });
  return program;
}

/** Starts the router with users named like the faults, and `OTHER`. */
export async function startFaultyRouter(
  program: string,
  faults: readonly string[],
  downstreamPort: number,
): Promise<FaultyRouter> {
  const [port = 0] = await freePorts(1);
  const folder = mkdtempSync(join(tmpdir(), 'faulty-'));
  const file = join(folder, 'config.yaml');
  writeFileSync(file, configText({ program, faults, downstreamPort, port, stateDir: join(folder, 'state') }));
  const log = join(folder, 'log');
  const child = startChild(process.execPath, [BIN, 'serve', '-c', file], { outputFile: log });
  await portAnswers(port);
  return {
    port,
    stop: async () => {
      const ended = once(child.process, 'exit');
      child.process.kill('SIGTERM');
      await Promise.race([ended, pause(END_MS, undefined, { ref: false })]);
      await child.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Of a user of such a router. */
export function loginOf(name: string): { readonly user: string; readonly password: string } {
  return { user: `${name}@bench.test`, password: PASSWORD };
}

interface ConfigParts {
  readonly program: string;
  readonly faults: readonly string[];
  readonly downstreamPort: number;
  readonly port: number;
  readonly stateDir: string;
}

function configText({ program, faults, downstreamPort, port, stateDir }: ConfigParts): string {
  const failing = faults.map((name) => {
    const command = [program, '-fault', name, '-after', String(GOOD_CALLS)];
    return [name, { command, timeout: '500ms', on_failure: 'in-order' }] as const;
  });
  const selectors = Object.fromEntries([...failing, [OTHER, { command: [program] }]]);
  return JSON.stringify({
    hostname: 'router.bench',
    listen: [{ address: `127.0.0.1:${port}` }],
    users: Object.keys(selectors).map((name) => ({
      email: loginOf(name).user,
      password: PASSWORD,
      selector: name,
    })),
    selectors,
    downstreams: { sink: { addr: `127.0.0.1:${downstreamPort}`, tls: 'off', max_connections: 50 } },
    admin: { address: '127.0.0.1:0' },
    shutdown_grace: '1s',
    state_dir: stateDir,
  });
}
