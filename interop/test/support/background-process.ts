/**
 * A program that runs as long as a test: its output is kept, and it is ended whatever becomes of the test.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { atEnd, tryConnect, waitFor } from './scratch.ts';

const START_MS = 60_000;
const STOP_MS = 5_000;

/** What to run, and as whom. */
export interface BackgroundCommand {
  readonly program: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** File that stdout and stderr go to: a pipe of Node's is a socket, which /dev/stdout cannot be opened on. */
  readonly log: string;
  /** User and group id; ours unless given. */
  readonly identity?: number | undefined;
}

/** A running program, leader of a process group of its own. */
export class BackgroundProcess {
  readonly #child: ChildProcess;
  readonly #command: BackgroundCommand;

  private constructor(child: ChildProcess, command: BackgroundCommand) {
    this.#child = child;
    this.#command = command;
  }

  /** Starts it; it ends after the test. */
  static start(t: TestContext, command: BackgroundCommand): BackgroundProcess {
    const { program, args, env, log, identity } = command;
    const output = openSync(log, 'a');
    const child = spawn(program, args, {
      env: { ...process.env, ...env },
      stdio: ['ignore', output, output],
      detached: true,
      ...(identity === undefined ? {} : { uid: identity, gid: identity }),
    });
    closeSync(output);
    const started = new BackgroundProcess(child, command);
    atEnd(t, () => started.#stop());
    return started;
  }

  /** Everything written so far. */
  get output(): string {
    return readFileSync(this.#command.log, 'utf8');
  }

  /** Waits until the program takes connections. */
  async listensOn(port: number): Promise<void> {
    await this.#until(() => tryConnect(port));
  }

  /** Waits for the first line it writes. */
  firstLine(): Promise<string> {
    return this.#until(async () => (/^(.*)\n/.exec(this.output) ?? [])[1]);
  }

  async #until<T>(ask: () => Promise<T | undefined>): Promise<T> {
    try {
      return await waitFor(`start of ${this.#command.program}`, START_MS, async () => {
        if (!this.#isRunning) throw new Error(`it ended (${this.#child.exitCode})`);
        return ask();
      });
    } catch (error) {
      throw new Error(`${this.#command.program} does not serve: ${this.output}`, { cause: error });
    }
  }

  get #isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** SIGTERM, then SIGKILL to whatever is left of its group. */
  async #stop(): Promise<void> {
    const { pid } = this.#child;
    if (pid === undefined) return;
    if (this.#isRunning) {
      const timer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_MS);
      const exited = once(this.#child, 'exit');
      this.#child.kill('SIGTERM');
      await exited;
      clearTimeout(timer);
    }
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // Nobody is left.
    }
  }
}
