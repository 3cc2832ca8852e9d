/** A kit written in Go under our supervisor. */
import { copyFileSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import {
  ExecutableStore,
  PluginSupervisor,
  type SupervisorState,
  type SwapResult,
} from '@smtp-router/go-plugin/supervisor';
import { systemClock } from '../../../packages/go-plugin/src/clock.ts';
import { atEnd, scratchFolder, waitFor } from '../../test/support/scratch.ts';
import { dispenseKit, type Kit, kitLaunch } from './go-plugin-kit.ts';
import type { KitMethod } from './kit-contract.ts';
import type { Release } from './statement.ts';

/** How a supervised kit differs from the usual. */
export interface SupervisedOptions {
  /** Makes every process old at once, so that no restart waits. */
  readonly isImpatient?: boolean;
}

export class SupervisedKit {
  /** The program; replaced by `put`. */
  readonly path: string;
  readonly folder: string;
  readonly states: SupervisorState[] = [];
  readonly supervisor: PluginSupervisor<Kit>;
  readonly #program: string;

  private constructor(
    folder: string,
    program: string,
    supervisor: (kit: SupervisedKit) => PluginSupervisor<Kit>,
  ) {
    this.folder = folder;
    this.path = join(folder, 'plugin');
    this.#program = program;
    this.put();
    this.supervisor = supervisor(this);
  }

  /** Starts one; it is closed after the test. */
  static async start(
    t: TestContext,
    release: Release,
    options: SupervisedOptions = {},
  ): Promise<SupervisedKit> {
    const folder = await scratchFolder(t);
    const socketRoot = join(folder, 's');
    mkdirSync(socketRoot);
    const launch = await kitLaunch(release, { socketRoot });
    const store = new ExecutableStore(join(folder, 'copies'));
    const made = new SupervisedKit(folder, launch.command, (kit) => {
      return new PluginSupervisor<Kit>({
        name: 'kit',
        launch: { ...launch, command: kit.path },
        prepare: () => store.prepare(kit.path),
        open: ({ connection }) => dispenseKit(connection),
        onEvent: (event) => {
          if (event.kind === 'state') kit.states.push(event.to);
        },
        callTimeoutMs: 30_000,
        maxInFlight: 256,
        ...(options.isImpatient === true && {
          clock: { ...systemClock, now: () => systemClock.now() * 100_000 },
        }),
      });
    });
    atEnd(t, () => made.supervisor.close());
    await made.supervisor.start();
    return made;
  }

  /** Throws when none runs: a signal to process 0 would reach the test itself and all around it. */
  get pid(): number {
    const { pid } = this.supervisor.status();
    if (pid === undefined) throw new Error('no process runs');
    return pid;
  }

  /** Brings the program to its place anew, or something else instead. */
  put(content?: string): void {
    const file = `${this.path}.new`;
    if (content === undefined) copyFileSync(this.#program, file);
    else writeFileSync(file, content, { mode: 0o755 });
    renameSync(file, this.path);
  }

  /** Calls a method through the supervisor. */
  call(method: KitMethod, value: unknown): Promise<unknown> {
    return this.supervisor.call((kit) => kit.call(method, value));
  }

  swap(): Promise<SwapResult> {
    return this.supervisor.swap({ isForced: true });
  }

  /** Waits until another process than the given one serves. */
  async another(pid: number): Promise<void> {
    await waitFor('another process', 60_000, async () => {
      const { state, pid: now } = this.supervisor.status();
      return state === 'ready' && now !== undefined && now !== pid ? true : undefined;
    });
  }
}
