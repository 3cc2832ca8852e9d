import { spawn } from 'node:child_process';
import { findTool } from '../harness/tools.ts';

/** Cost of one message, start and warm-up of the program left out. */
export interface Cost {
  /** User instructions of all threads; absent when `perf` is not there or may not count. */
  readonly instructions?: number;
  /** User CPU time, nanoseconds. */
  readonly nanoseconds: number;
}

/** Share of the messages that both runs send, so that it falls out of the difference. */
const WARM_UP = 0.4;

/**
 * Runs a program twice, with `--messages` 40 % and 140 % of a number, standard output thrown away, and
 * answers the difference for one message.
 */
export async function costOf(file: string, args: readonly string[], messages: number): Promise<Cost> {
  const warmUp = Math.round(messages * WARM_UP);
  const short = await runCounted(file, [...args, '--messages', String(warmUp)]);
  const long = await runCounted(file, [...args, '--messages', String(warmUp + messages)]);
  const nanoseconds = (long.nanoseconds - short.nanoseconds) / messages;
  if (long.instructions === undefined || short.instructions === undefined) return { nanoseconds };
  return { instructions: (long.instructions - short.instructions) / messages, nanoseconds };
}

async function runCounted(file: string, args: readonly string[]): Promise<Cost> {
  const command = [process.execPath, file, ...args];
  const perf = findTool('perf');
  const counted = perf === undefined ? command : [perf, 'stat', '-x,', '-e', 'instructions:u', ...command];
  const report = await errorsOf(counted);
  const nanoseconds = Number(/^user-ns (\d+)$/m.exec(report)?.[1]);
  const instructions = Number(/^(\d+),.*instructions:u/m.exec(report)?.[1]);
  return Number.isNaN(instructions) ? { nanoseconds } : { instructions, nanoseconds };
}

/** What a program wrote to standard error. */
function errorsOf([program = '', ...args]: readonly string[]): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let text = '';
  child.stderr.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  child.on('error', reject);
  child.on('close', (code) => (code === 0 ? resolve(text) : reject(new Error(`exit code ${code}: ${text}`))));
  return promise;
}
