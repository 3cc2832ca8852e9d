/** The command line as a user runs it: a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { routerProgram } from './fixture-path.ts';

export interface CommandOutcome {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Options of Node itself. */
  readonly nodeOptions?: readonly string[];
}

/** A command that takes longer hangs; it is killed, and the test that waits for it fails by what it said. */
const LONGEST_MS = 60_000;

/** A command under way. */
export class RunningCommand {
  readonly child: ChildProcess;
  readonly ended: Promise<CommandOutcome>;
  stdout = '';
  stderr = '';
  readonly #waiting = new Set<() => void>();

  constructor(args: readonly string[], { env = {}, cwd, nodeOptions = [] }: CommandOptions = {}) {
    this.child = spawn(process.execPath, [...nodeOptions, routerProgram(), ...args], {
      env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env },
      ...(cwd === undefined ? {} : { cwd }),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child.stdout?.setEncoding('utf8').on('data', (piece: string) => {
      this.stdout += piece;
      for (const look of this.#waiting) look();
    });
    this.child.stderr?.setEncoding('utf8').on('data', (piece: string) => {
      this.stderr += piece;
      for (const look of this.#waiting) look();
    });
    const hung = setTimeout(() => this.child.kill('SIGKILL'), LONGEST_MS);
    this.ended = new Promise((resolve) => {
      this.child.on('close', (code, signal) => {
        clearTimeout(hung);
        for (const look of this.#waiting) look();
        resolve({ code, signal, stdout: this.stdout, stderr: this.stderr });
      });
    });
  }

  /** Settles once the output holds the text; rejects when the process ended before. */
  async until(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(`${this.stdout}\n${this.stderr}`);
      if (match !== null) return match;
      if (this.child.exitCode !== null || this.child.signalCode !== null) {
        await this.ended;
        const last = pattern.exec(`${this.stdout}\n${this.stderr}`);
        if (last !== null) return last;
        throw new Error(`ended (${this.child.exitCode}) without ${pattern}: ${this.stdout}${this.stderr}`);
      }
      await new Promise<void>((resolve) => {
        const look = (): void => {
          this.#waiting.delete(look);
          resolve();
        };
        this.#waiting.add(look);
      });
    }
  }

  /** Ends it the hard way, when a test failed to. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended;
  }
}

/** Runs a command to its end. */
export function runCommand(args: readonly string[], options?: CommandOptions): Promise<CommandOutcome> {
  return new RunningCommand(args, options).ended;
}
