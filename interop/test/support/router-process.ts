/**
 * The router as its users start it: `smtp-router serve` in a child process, watched through its control socket.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { ROOT } from './go-programs.ts';
import { atEnd, waitFor } from './scratch.ts';

const PROGRAM = join(ROOT, 'packages/router/bin/smtp-router.js');
const START_MS = 60_000;
const STOP_MS = 15_000;

/** How to start it. */
export interface RouterStart {
  /** Working directory; `config.yaml` is written into it and `state_dir` lies below it. */
  readonly folder: string;
  /** The whole configuration file. JSON is YAML. */
  readonly config: string;
  /** Further arguments of `serve`. */
  readonly args?: readonly string[];
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Program and arguments that execute the router in its place, with namespaces of its own. */
  readonly within?: readonly string[];
}

/** What `GET /v1/status` of the control socket says, as far as tests look at it. */
export interface RouterStatus {
  readonly state: string;
  readonly listeners: readonly string[];
  readonly plugins: readonly PluginStatus[];
}

/** One plugin. */
export interface PluginStatus {
  readonly name: string;
  readonly state: string;
  readonly pid?: number;
  readonly starts: number;
  readonly swaps: {
    readonly phase?: string;
    readonly swapped: number;
    readonly failed: number;
    readonly lastFailure?: { readonly code: string; readonly message: string };
  };
}

/** A running router; ended after the test, however the test ends. */
export class RouterProcess {
  readonly #child: ChildProcess;
  readonly #socketPath: string;
  #output = '';

  private constructor(child: ChildProcess, socketPath: string) {
    this.#child = child;
    this.#socketPath = socketPath;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#output += text;
      });
    }
  }

  /** Starts a router and waits until it serves. Rejects with everything it wrote when it does not. */
  static async start(
    t: TestContext,
    { folder, config, args = [], env = {}, within = [] }: RouterStart,
  ): Promise<RouterProcess> {
    await writeFile(join(folder, 'config.yaml'), config);
    const command = [...within, process.execPath, PROGRAM, 'serve', '-c', 'config.yaml', ...args];
    const [program = '', ...rest] = command;
    const child = spawn(program, rest, {
      cwd: folder,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const root = within.length === 0 ? '' : `/proc/${child.pid}/root`;
    const router = new RouterProcess(child, join(`${root}${folder}`, 'state/control.sock'));
    atEnd(t, () => router.stop());
    await router.#waitUntilServing();
    return router;
  }

  /** Everything written to stdout and stderr so far. */
  get output(): string {
    return this.#output;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Port of the only listener. */
  async port(): Promise<number> {
    const { listeners } = await this.status();
    return Number(listeners[0]?.split(':').at(-1));
  }

  /** Snapshot by the control socket. */
  async status(): Promise<RouterStatus> {
    // Test support: a shape that differs fails the assertions of the tests.
    return JSON.parse(await getText(this.#socketPath, '/v1/status')) as RouterStatus;
  }

  /** Waits until a plugin is as asked. */
  pluginWhen(
    what: string,
    timeoutMs: number,
    test: (plugin: PluginStatus) => boolean,
  ): Promise<PluginStatus> {
    return waitFor(`plugin ${what}\n${this.#output.slice(-4000)}`, timeoutMs, async () => {
      const { plugins } = await this.status();
      return plugins.find(test);
    });
  }

  /** SIGTERM, waits for the end, kills when it takes too long. Answers the exit status. Idempotent. */
  async stop(): Promise<number | null> {
    if (!this.isRunning) return this.#child.exitCode;
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_MS);
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    await exited;
    clearTimeout(timer);
    return this.#child.exitCode;
  }

  /** SIGKILL: no chance to clean up. */
  async kill(): Promise<void> {
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exited;
  }

  async #waitUntilServing(): Promise<void> {
    await waitFor('serving router', START_MS, async () => {
      if (!this.isRunning) throw new Error(`the router ended (${this.#child.exitCode})`);
      const status = await this.status().catch(() => undefined);
      return status?.state === 'serving' ? true : undefined;
    }).catch((error: unknown) => {
      throw new Error(`the router does not serve:\n${this.#output}`, { cause: error });
    });
  }
}

function getText(socketPath: string, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath, path, timeout: 5000 }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
      response.on('error', reject);
    });
    asked.on('timeout', () => asked.destroy(new Error('the control socket does not answer')));
    asked.on('error', reject).end();
  });
}
