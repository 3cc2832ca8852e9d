import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { launchPlugin } from '@smtp-router/go-plugin/host';
import { ExecutableStore, OrphanRegistry, PluginSupervisor } from '@smtp-router/go-plugin/supervisor';
import { requestWith, viewWith } from '@smtp-router/selector/contract';
import {
  openSelectorPlugin,
  SELECTOR_HANDSHAKE,
  SELECTOR_VERSIONS,
  type SelectorPlugin,
} from '@smtp-router/selector/host';
import { type Clock, systemClock } from '../../packages/go-plugin/src/clock.ts';
import { goProgram } from './support/go-programs.ts';
import { processesMarked } from './support/marked-processes.ts';
import { atEnd, scratchFolder, waitFor } from './support/scratch.ts';
import { hasTools } from './support/tools.ts';

const LIMIT = { timeout: 300_000 };
const REQUEST = requestWith({ downstreams: [viewWith({ id: 'first' }), viewWith({ id: 'second' })] });
const READY_MS = 30_000;

/** Pipes of a process that ended are closed by then, and timers of its end have run out. */
const SETTLE_MS = 1_500;
const COLLECTIONS = 5;

/** Cycles before memory is read first: what is made once, and by compiling, is made by then. */
const WARM_UP_CYCLES = 50;
const CYCLES = 200;
/** With what lies outside of it: 10 KiB a cycle, where one connection with its buffers is more. */
const MAX_HEAP_GROWTH_BYTES = 2 * 1024 * 1024;
/** The allocator keeps what it once had: 1 to 20 MB, the more the busier the machine. */
const MAX_RSS_GROWTH_BYTES = 48 * 1024 * 1024;

/** To a supervisor with this clock every process has served for long, so that restarts are immediate. */
const longServed: Clock = { ...systemClock, now: () => systemClock.now() * 100_000 };

describe('a plugin that crashes again and again', () => {
  it(
    `${CYCLES} crashes and restarts: no descriptor, process, listener, timer or memory more`,
    LIMIT,
    async (t) => {
      if (!hasTools(t, ['go'])) return;
      const args = ['-fault', 'exit', '-after', '1'];
      const stage = await Stage.start(t, { args, clock: longServed, isCopied: true });
      for (let cycle = 0; cycle < WARM_UP_CYCLES; cycle += 1) await stage.crash(cycle);
      const before = await stage.holdings();
      for (let cycle = 0; cycle < CYCLES; cycle += 1) await stage.crash(cycle);
      const after = await stage.holdings();
      t.diagnostic(`before ${JSON.stringify(before)}`);
      t.diagnostic(`after ${JSON.stringify(after)}`);
      for (const what of ['descriptors', 'processes', 'listeners', 'resources', 'folders'] as const)
        assert.ok(after[what] <= before[what], `${what}: ${before[what]} before, ${after[what]} after`);
      const heapGrowth = after.heapBytes - before.heapBytes;
      assert.ok(heapGrowth < MAX_HEAP_GROWTH_BYTES, `the heap grew by ${heapGrowth} bytes`);
      const rssGrowth = after.rssBytes - before.rssBytes;
      assert.ok(rssGrowth < MAX_RSS_GROWTH_BYTES, `RSS grew by ${rssGrowth} bytes`);
      assert.equal(stage.supervisor.status().starts, 1 + WARM_UP_CYCLES + CYCLES);
    },
  );

  it('100 deaths before the handshake: after the fifth at most one start a second', LIMIT, async (t) => {
    if (!hasTools(t, ['go'])) return;
    const pauses: number[] = [];
    const clock: Clock = {
      ...systemClock,
      schedule: (delayMs, run) => {
        pauses.push(delayMs);
        return systemClock.schedule(Math.min(delayMs, 1), run);
      },
    };
    const stage = await Stage.start(t, { args: ['-fault', 'leaves'], clock, isCopied: false });
    await waitFor('100 deaths', READY_MS, async () => stage.supervisor.status().starts > 100 || undefined);
    await stage.supervisor.close();
    assert.ok(pauses.length >= 100);
    assert.equal(pauses[0], 0);
    assert.ok(
      pauses.slice(1, 5).every((pause) => pause >= 50 && pause <= 800),
      pauses.slice(0, 5).join(' '),
    );
    assert.ok(
      pauses.slice(5).every((pause) => pause >= 1000),
      'a start within a second of the one before',
    );
    assert.deepEqual(processesMarked(stage.folder), []);
  });
});

/** What the supervisor may not have more of. */
interface Holdings {
  readonly descriptors: number;
  readonly processes: number;
  /** Of the process object, where forgotten ones gather. */
  readonly listeners: number;
  /** Timers, sockets, pipes and children the event loop knows. */
  readonly resources: number;
  /** Socket directories and copies of the program. */
  readonly folders: number;
  readonly heapBytes: number;
  readonly rssBytes: number;
}

interface StageOptions {
  /** Of the plugin. */
  readonly args: readonly string[];
  /** Of the supervisor. */
  readonly clock: Clock;
  /** Whether a private copy of the program is run. */
  readonly isCopied: boolean;
}

/** A supervised plugin with everything the router has around one. */
class Stage {
  readonly supervisor: PluginSupervisor<SelectorPlugin>;
  readonly folder: string;
  /** Told of every process that is ready. */
  #onReady: () => void = () => undefined;

  private constructor(folder: string, program: string, { args, clock, isCopied }: StageOptions) {
    this.folder = folder;
    const store = new ExecutableStore(join(folder, 'copies'));
    this.supervisor = new PluginSupervisor<SelectorPlugin>({
      name: 'mine',
      launch: {
        name: 'mine',
        command: program,
        args,
        environment: { STAGE: folder },
        handshake: SELECTOR_HANDSHAKE,
        versions: SELECTOR_VERSIONS,
        socketRoot: folder,
        startTimeoutMs: READY_MS,
      },
      ...(isCopied && { prepare: () => store.prepare(program) }),
      open: (plugin) =>
        openSelectorPlugin(plugin, { name: 'mine', tail: 'rest', dispenseTimeoutMs: READY_MS }),
      onEvent: (event) => {
        if (event.kind === 'state' && event.to === 'ready') this.#onReady();
      },
      callTimeoutMs: 60_000,
      maxInFlight: 256,
      registry: new OrphanRegistry({
        path: join(folder, 'plugins.json'),
        onError: (error) => assert.fail(error),
      }),
      clock,
      launcher: (options) => launchPlugin({ ...options, clock: systemClock }),
    });
  }

  static async start(t: TestContext, options: StageOptions): Promise<Stage> {
    const folder = await scratchFolder(t);
    const stage = new Stage(folder, await goProgram('interop', './cmd/fault-plugin'), options);
    atEnd(t, () => stage.supervisor.close());
    await stage.supervisor.start();
    return stage;
  }

  /** One answer, then the end of the process in the middle of a call, by its own doing or by a signal. */
  async crash(cycle: number): Promise<void> {
    const { pid } = this.supervisor.status();
    // A signal to process 0 would reach the test itself and all around it.
    assert.ok(pid !== undefined, 'no process runs');
    const { promise: ready, resolve } = Promise.withResolvers<void>();
    this.#onReady = resolve;
    const reply = await this.#ask();
    assert.equal(reply.kind, 'route');
    if (cycle % 2 === 0) process.kill(pid, 'SIGKILL');
    await assert.rejects(this.#ask(), { code: 'PLUGIN_CONNECTION_LOST' });
    await ready;
    assert.notEqual(this.supervisor.status().pid, pid);
  }

  /** Counted when the end of the process before is over. */
  async holdings(): Promise<Holdings> {
    await waitFor(
      'one process',
      READY_MS,
      async () => processesMarked(this.folder).length === 1 || undefined,
    );
    await waitFor('one directory', READY_MS, async () => this.#socketDirectories() === 1 || undefined);
    // What a collection ends may hold on to something until the next.
    for (let count = 0; count < COLLECTIONS; count += 1) {
      await pause(SETTLE_MS / COLLECTIONS);
      collectGarbage();
    }
    const { heapUsed, external, rss } = process.memoryUsage();
    return {
      descriptors: readdirSync('/proc/self/fd').length,
      processes: processesMarked(this.folder).length,
      listeners: process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0),
      resources: process.getActiveResourcesInfo().length,
      folders: readdirSync(join(this.folder, 'copies')).length + this.#socketDirectories(),
      heapBytes: heapUsed + external,
      rssBytes: rss,
    };
  }

  #socketDirectories(): number {
    return readdirSync(this.folder).filter((name) => name.startsWith('gp-')).length;
  }

  #ask() {
    return this.supervisor.call((plugin, call) => plugin.select(REQUEST, call));
  }
}

/** What is only waiting for its collection is not held. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect !== 'function') throw new Error('the engine offers no collection');
  collect();
}
