/**
 * A downstream in a network namespace of its own, joined to ours by a pair of virtual interfaces. To
 * drop packets it is given a black-hole route to us: what it would send goes nowhere, and what comes
 * from us fails the check of its source and is dropped without a word.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export const NEAR_ADDRESS = '10.99.0.1';
const FAR_ADDRESS = '10.99.0.2';

export class FarSide {
  readonly address = FAR_ADDRESS;
  readonly #child: ChildProcess;
  readonly #port: number;
  #isDropping: boolean = false;
  #onTaken: () => void = () => {};

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.#port = port;
  }

  /** Makes the namespace, the interfaces and the sink in it. */
  static async start(port: number): Promise<FarSide> {
    const program = join(import.meta.dirname, 'far-sink.ts');
    const child = spawn('unshare', ['-n', process.execPath, program, FAR_ADDRESS, `${port}`], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const far = new FarSide(child, port);
    try {
      await far.#open();
      return far;
    } catch (error) {
      child.kill('SIGKILL');
      throw error;
    }
  }

  dropPackets(): void {
    this.#ip('route', 'add', 'blackhole', `${NEAR_ADDRESS}/32`);
    this.#isDropping = true;
  }

  /** Idempotent. */
  letThrough(): void {
    if (!this.#isDropping) return;
    this.#isDropping = false;
    this.#ip('route', 'del', 'blackhole', `${NEAR_ADDRESS}/32`);
  }

  /** What becomes of a connection from our side. */
  probe(timeoutMs: number): Promise<string> {
    const socket = createConnection({ host: FAR_ADDRESS, port: this.#port });
    return new Promise<string>((resolve) => {
      socket.once('connect', () => resolve('made'));
      socket.once('error', (error) => resolve(`refused (${error.message})`));
      socket.setTimeout(timeoutMs, () => resolve('silent'));
    }).finally(() => socket.destroy());
  }

  /** When the next message has come to its end; undefined when none does before `stop`, or within 8 s. */
  nextTaken(): Promise<number | undefined> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(undefined), 8_000);
      this.#onTaken = () => {
        clearTimeout(timer);
        resolve(performance.now());
      };
    });
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exited;
  }

  async #open(): Promise<void> {
    const pid = `${this.#child.pid}`;
    execFileSync('ip', ['link', 'set', 'lo', 'up']);
    await this.#namespaceMade();
    execFileSync('ip', ['link', 'add', 'near', 'type', 'veth', 'peer', 'name', 'far', 'netns', pid]);
    execFileSync('ip', ['addr', 'add', `${NEAR_ADDRESS}/24`, 'dev', 'near']);
    execFileSync('ip', ['link', 'set', 'near', 'up']);
    this.#ip('addr', 'add', `${FAR_ADDRESS}/24`, 'dev', 'far');
    this.#ip('link', 'set', 'far', 'up');
    const { stdin, stdout } = this.#child;
    if (stdin === null || stdout === null) throw new Error('the far side has no pipes');
    const lines = createInterface(stdout);
    const ready = once(lines, 'line');
    stdin.write('go\n');
    await ready;
    lines.on('line', () => this.#onTaken());
  }

  /** `unshare` needs a moment before its namespace is another than ours. */
  async #namespaceMade(): Promise<void> {
    const namespaceOf = (pid: string): string => execFileSync('readlink', [`/proc/${pid}/ns/net`]).toString();
    const deadline = Date.now() + 5_000;
    while (namespaceOf(`${this.#child.pid}`) === namespaceOf('self')) {
      if (Date.now() > deadline) throw new Error('the namespace of the far side is not made');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  #ip(...args: readonly string[]): void {
    execFileSync('nsenter', ['-t', `${this.#child.pid}`, '-n', 'ip', ...args]);
  }
}
