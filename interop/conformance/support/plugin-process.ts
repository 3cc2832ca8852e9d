/** A plugin started by hand, without a host: what it prints, and its socket. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { GO_PLUGIN_VERSIONS, goProgramWith } from '../../test/support/go-programs.ts';
import { atEnd, scratchFolder } from '../../test/support/scratch.ts';
import { OUR_PLUGIN } from './go-host.ts';
import { HANDSHAKE } from './kit-contract.ts';
import type { Release } from './statement.ts';

/** Whose plugin it is. */
export type Maker = 'Go' | 'ours';

/** Whose plugins a test without a host looks at: ours once, as the release has no part in it. */
export function makersFor(release: Release): readonly Maker[] {
  return release === GO_PLUGIN_VERSIONS[0] ? ['Go', 'ours'] : ['Go'];
}

/** Command of a plugin that serves the kit. */
export async function pluginCommand(maker: Maker, release: Release): Promise<readonly string[]> {
  return maker === 'ours' ? OUR_PLUGIN : [await goProgramWith(release, './cmd/conformance-plugin')];
}

export class PluginProcess {
  readonly child: ChildProcess;
  readonly exited: Promise<unknown>;
  stdout = '';
  stderr = '';
  readonly #line = Promise.withResolvers<string>();

  constructor(child: ChildProcess) {
    this.child = child;
    this.exited = once(child, 'close');
    child.stdout?.on('data', (bytes: Buffer) => {
      this.stdout += bytes.toString('utf8');
      const [line] = this.stdout.split('\n', 1);
      if (line !== undefined && this.stdout.includes('\n')) this.#line.resolve(line);
    });
    child.stderr?.on('data', (bytes: Buffer) => {
      this.stderr += bytes.toString('utf8');
    });
    void this.exited.then(() => this.#line.reject(new Error(`the plugin ended: ${this.stderr}`)));
    // Whoever ends without a line is not always waited for.
    this.#line.promise.catch(() => undefined);
  }

  /**
   * Starts a plugin with PATH, the cookie, a version list and a temporary directory of its own; `env` wins, an
   * undefined value takes a variable away. It is killed after the test.
   */
  static async start(
    t: TestContext,
    command: readonly string[],
    env: Readonly<Record<string, string | undefined>> = {},
  ): Promise<PluginProcess> {
    const folder = await scratchFolder(t);
    const [program = '', ...args] = command;
    const child = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env['PATH'],
        TMPDIR: folder,
        [HANDSHAKE.magicCookieKey]: HANDSHAKE.magicCookieValue,
        PLUGIN_PROTOCOL_VERSIONS: '1',
        ...env,
      },
    });
    const started = new PluginProcess(child);
    atEnd(t, async () => {
      child.kill('SIGKILL');
      await started.exited;
    });
    return started;
  }

  get pid(): number {
    const { pid } = this.child;
    if (pid === undefined) throw new Error('the plugin was not started');
    return pid;
  }

  /** The handshake line without its end; rejects when the process ends without one. */
  line(): Promise<string> {
    return this.#line.promise;
  }

  /** Fields of the handshake line. */
  async fields(): Promise<readonly string[]> {
    return (await this.line()).split('|');
  }

  /** A connection to its Unix socket, closed after the test. */
  async connect(t: TestContext): Promise<Socket> {
    const [, , , path = ''] = await this.fields();
    const socket = connect({ path });
    await once(socket, 'connect');
    atEnd(t, () => socket.destroy());
    return socket;
  }
}
