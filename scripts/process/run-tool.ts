/**
 * Runs one external program to its end.
 */
import { spawn } from 'node:child_process';

/** How to run it. */
export interface RunToolOptions {
  readonly cwd: string;
  /** Added to this process's environment; undefined takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Milliseconds until the program is killed; default five minutes. */
  readonly timeoutMs?: number;
}

/** What it left. */
export interface ToolResult {
  /** Exit status; undefined when a signal ended it. */
  readonly status: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program and answers however it ended. Rejects only when it cannot be started. */
export function tryTool(
  program: string,
  args: readonly string[],
  options: RunToolOptions,
): Promise<ToolResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: options.timeoutMs ?? 300_000,
      killSignal: 'SIGKILL',
    });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.on('error', reject);
    child.on('close', (status) =>
      resolve({
        status: status ?? undefined,
        stdout: Buffer.concat(stdout).toString('utf8'),
        stderr: Buffer.concat(stderr).toString('utf8'),
      }),
    );
  });
}

/** Runs a program that must succeed; rejects with everything it wrote when it does not. */
export async function runTool(
  program: string,
  args: readonly string[],
  options: RunToolOptions,
): Promise<ToolResult> {
  const result = await tryTool(program, args, options);
  if (result.status === 0) return result;
  const ending = result.status === undefined ? 'was killed' : `ended with status ${result.status}`;
  throw new Error(`${program} ${args.join(' ')} ${ending}\n${result.stdout}${result.stderr}`.trimEnd());
}
