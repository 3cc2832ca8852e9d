/** A host of the real library that does what it is told (interop/cmd/conformance-host). */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { TestContext } from 'node:test';
import { goProgramWith } from '../../test/support/go-programs.ts';
import { atEnd } from '../../test/support/scratch.ts';
import type { Release } from './statement.ts';

/** The plugin in TypeScript, as a command. */
export const OUR_PLUGIN = [process.execPath, join(import.meta.dirname, '../plugins/kit.ts')] as const;

/** The same over gRPC. */
export const OUR_GRPC_PLUGIN = [
  process.execPath,
  join(import.meta.dirname, '../plugins/kit-grpc.ts'),
] as const;

/** One thing to do; see `host.do` in cmd/conformance-host. */
export interface HostRequest {
  readonly do: string;
  readonly name?: string;
  readonly kit?: number;
  readonly value?: unknown;
  readonly count?: number;
}

/** What `start` answers. */
export interface Started {
  readonly protocol: string;
  readonly version: number;
  readonly network: string;
  readonly address: string;
  readonly pid: number;
}

/** How the host is started. */
export interface GoHostOptions {
  /** Flags of conformance-host. */
  readonly flags?: readonly string[];
  /** The plugin's command; ours unless given. */
  readonly command?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export class GoHost {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #replies: AsyncIterator<string>;

  private constructor(child: ChildProcessByStdio<Writable, Readable, null>) {
    this.#child = child;
    this.#replies = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  }

  /** Runs the host of a release, which has not started its plugin yet; both end after the test. */
  static async run(t: TestContext, release: Release, options: GoHostOptions = {}): Promise<GoHost> {
    const { flags = [], command = OUR_PLUGIN, env } = options;
    const program = await goProgramWith(release, './cmd/conformance-host');
    const child = spawn(program, [...flags, '--', ...command], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, ...env },
    });
    child.stdin.on('error', () => undefined);
    const exited = once(child, 'exit');
    atEnd(t, async () => {
      child.stdin.end();
      await exited;
    });
    return new GoHost(child);
  }

  /** Runs the host, starts the plugin and dispenses its kit. */
  static async start(t: TestContext, release: Release, options: GoHostOptions = {}): Promise<GoHost> {
    const host = await GoHost.run(t, release, options);
    await host.do({ do: 'start' });
    await host.do({ do: 'dispense', name: 'kit' });
    return host;
  }

  /** Does one thing; rejects with Go's words when it failed there. */
  async do<T>(request: HostRequest): Promise<T> {
    this.#child.stdin.write(`${JSON.stringify(request)}\n`);
    const { value: line } = await this.#replies.next();
    if (line === undefined) throw new Error('the Go host is gone');
    // Test support: a reply of another shape fails the assertions of the tests.
    const { error, value } = JSON.parse(line) as { error: string; value: T };
    if (error !== '') throw new Error(error);
    return value;
  }

  /** Calls a method of the kit dispensed first. */
  call<T>(name: string, value: unknown, kit = 0): Promise<T> {
    return this.do({ do: 'call', name, value, kit });
  }

  /** Ends the host as the kernel's out-of-memory killer would. */
  async killHard(): Promise<void> {
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exited;
  }
}
