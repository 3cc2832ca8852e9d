import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { createConnection } from 'node:net';

/** A started helper program. `stop` ends it by TERM, then KILL after two seconds. */
export interface Child {
  readonly pid: number;
  readonly process: ChildProcess;
  stop(): Promise<void>;
}

/** How a program is started. */
export interface ChildOptions {
  /** Working directory; ours by default. */
  readonly cwd?: string;
  /** File that takes standard output; otherwise it goes to the returned process, whose reader is we. */
  readonly outputFile?: string;
}

const running = new Set<ChildProcess>();

/** Starts a program without a shell. What still runs when this process ends is ended with it. */
export function startChild(command: string, args: readonly string[], options: ChildOptions = {}): Child {
  const { cwd, outputFile } = options;
  const output = outputFile === undefined ? undefined : openSync(outputFile, 'w');
  const child = spawn(command, args, {
    stdio: ['ignore', output ?? 'pipe', 'pipe'],
    ...(cwd === undefined ? {} : { cwd }),
  });
  if (output !== undefined) closeSync(output);
  if (child.pid === undefined) throw new Error(`cannot start ${command}`);
  child.stdout?.resume();
  child.stderr?.resume();
  endWithUs(child);
  return { pid: child.pid, process: child, stop: () => stopChild(child) };
}

/** Ends a program with this process, should that end first, by itself or by a signal. */
export function endWithUs(child: ChildProcess): void {
  if (process.listenerCount('exit', killAll) === 0) {
    process.on('exit', killAll);
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(1));
  }
  running.add(child);
  child.once('exit', () => running.delete(child));
}

function killAll(): void {
  for (const child of running) child.kill('SIGTERM');
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 2_000);
  await exited;
  clearTimeout(timer);
}

/** When a server counts as up: it greets, or (TLS from the first byte) only takes the connection. */
export type SignOfLife = 'greeting' | 'connection';

/** Resolves when the port shows the sign; rejects after `timeoutMs`. */
export async function portAnswers(
  port: number,
  timeoutMs = 15_000,
  sign: SignOfLife = 'greeting',
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await connects(port, sign))) {
    if (Date.now() > deadline) throw new Error(`nothing answers on port ${port}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function connects(port: number, sign: SignOfLife): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port });
    socket.once(sign === 'greeting' ? 'data' : 'connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
    socket.setTimeout(1_000, () => socket.destroy());
  });
}
