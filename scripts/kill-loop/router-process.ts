import { type ChildProcess, spawn } from 'node:child_process';
import { resolve } from 'node:path';

const program = resolve(import.meta.dirname, '../../packages/router/bin/smtp-router.js');

/** One life of the router. */
export class RouterProcess {
  readonly port: number;
  readonly startedInMs: number;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, port: number, startedInMs: number) {
    this.#child = child;
    this.port = port;
    this.startedInMs = startedInMs;
  }

  /** Settles when it listens. */
  static start(config: string): Promise<RouterProcess> {
    const startedAt = performance.now();
    const child = spawn(process.execPath, [program, 'serve', '-c', config], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return new Promise((resolve, reject) => {
      let said = '';
      const hear = (piece: string): void => {
        said += piece;
        const port = /listens on 127\.0\.0\.1:(\d+)/.exec(said)?.[1];
        if (port !== undefined)
          resolve(new RouterProcess(child, Number(port), performance.now() - startedAt));
      };
      child.stdout.setEncoding('utf8').on('data', hear);
      child.stderr.setEncoding('utf8').on('data', hear);
      child.on('exit', (code) => reject(new Error(`the router ended (${code}): ${said}`)));
    });
  }

  /** SIGSTOP: it stands still for a time, then is killed. Settles when it is gone. */
  async kill(signal: 'SIGKILL' | 'SIGTERM' | 'SIGSTOP', stillMs: number): Promise<void> {
    const ended = new Promise((resolve) => this.#child.on('exit', resolve));
    this.#child.kill(signal);
    if (signal === 'SIGSTOP') {
      await new Promise((resolve) => setTimeout(resolve, stillMs));
      this.#child.kill('SIGKILL');
    }
    await ended;
  }
}
