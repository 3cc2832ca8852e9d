import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { findTool } from '../harness/tools.ts';

/**
 * Counts the user instructions of this process, all its threads but not the processes it started before:
 * `perf stat` attached from outside and switched on and off, so that start and warm-up are left out.
 */
export class InstructionCounter {
  readonly #perf: ChildProcess;
  readonly #commands: Writable;
  readonly #answers: Readable;
  #report = '';

  private constructor(perf: ChildProcess, commands: Writable, answers: Readable) {
    this.#perf = perf;
    this.#commands = commands;
    this.#answers = answers;
    perf.stderr?.on('data', (chunk: Buffer) => {
      this.#report += chunk.toString();
    });
  }

  /** Starts counting; undefined when `perf` is not installed. Processes started later would be counted, too. */
  static async start(): Promise<InstructionCounter | undefined> {
    const program = findTool('perf');
    if (program === undefined) return undefined;
    const args = ['stat', '-x,', '-e', 'instructions:u', '-D', '-1', '--control', 'fd:3,4'];
    const perf = spawn(program, [...args, '-p', String(process.pid)], {
      stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'],
    });
    const counter = new InstructionCounter(perf, perf.stdio[3] as Writable, perf.stdio[4] as Readable);
    await counter.#command('enable');
    return counter;
  }

  /** Ends counting; undefined when the machine does not count. */
  async stop(): Promise<number | undefined> {
    await this.#command('disable');
    const closed = once(this.#perf, 'close');
    this.#perf.kill('SIGINT');
    await closed;
    const counted = Number(/^(\d+),.*instructions:u/m.exec(this.#report)?.[1]);
    return Number.isNaN(counted) ? undefined : counted;
  }

  async #command(command: string): Promise<void> {
    this.#commands.write(`${command}\n`);
    await once(this.#answers, 'data');
  }
}
