import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import {
  ExecutableStore,
  OrphanRegistry,
  PluginSupervisor,
  type SwapResult,
} from '@smtp-router/go-plugin/supervisor';
import { requestWith, viewWith } from '@smtp-router/selector/contract';
import {
  openSelectorPlugin,
  SELECTOR_HANDSHAKE,
  SELECTOR_VERSIONS,
  type SelectorPlugin,
} from '@smtp-router/selector/host';
import { atEnd, scratchFolder, waitFor } from './support/scratch.ts';
import { hasTools } from './support/tools.ts';
import { DELIVERIES, PluginPlace, type VersionFault } from './support/version-plugin.ts';

const LIMIT = { timeout: 180_000 };
const CALLERS = 64;
const SWAPS = 50;

/** The answer of version n is the nth of these. */
const REQUEST = requestWith({
  downstreams: Array.from({ length: SWAPS + 2 }, (_, index) => viewWith({ id: `v${index}` })),
});

describe('a plugin is replaced under load', () => {
  it(
    `${SWAPS} swaps under ${CALLERS} callers: no call fails, each is answered by the old or the new`,
    LIMIT,
    async (t) => {
      if (!hasTools(t, ['go'])) return;
      const stage = await Stage.start(t);
      const pids = [stage.pid];
      stage.letCallersCall();
      for (let version = 1; version <= SWAPS; version += 1) {
        const delivery = DELIVERIES[version % DELIVERIES.length];
        stage.newest = version;
        stage.place.put(stage.place.version(version), delivery);
        const result = await stage.swap();
        assert.equal(result.kind, 'swapped', describeResult(result));
        stage.serving = version;
        pids.push(stage.pid);
      }
      const { answered, failures } = await stage.stopCallers();
      assert.deepEqual(failures, []);
      assert.ok(answered >= CALLERS * SWAPS, `${answered} calls were answered`);
      assert.equal(new Set(pids).size, SWAPS + 1);
      const serving = pids.pop();
      await waitFor('end of the old processes', 10_000, async () => (pids.some(isAlive) ? undefined : true));
      assert.ok(serving !== undefined && isAlive(serving));
      await stage.closeAndCheck();
    },
  );

  it('20 broken newcomers under the same load: no effect but a reason for each', LIMIT, async (t) => {
    if (!hasTools(t, ['go'])) return;
    const stage = await Stage.start(t);
    const { pid } = stage;
    stage.letCallersCall();
    const codes: string[] = [];
    for (const [what, spoil] of BROKEN) {
      spoil(stage.place);
      const result = await stage.swap();
      assert.ok(result.kind === 'failed', `${what}: ${describeResult(result)}`);
      assert.equal(stage.pid, pid, what);
      const { swaps, starts } = stage.supervisor.status();
      assert.equal(swaps.lastFailure, result.failure, what);
      assert.equal(starts, 1, what);
      codes.push(result.failure.error.code);
      assert.notEqual(result.failure.error.message, '');
    }
    const { answered, failures } = await stage.stopCallers();
    assert.deepEqual(failures, []);
    assert.ok(answered > CALLERS);
    assert.equal(codes.length, 20);
    assert.ok(new Set(codes).size >= 8, codes.join(' '));
    await stage.closeAndCheck();
  });

  it(
    'kill -9 of the old process and of newcomers in the middle of swaps: served again at once by one of the two',
    LIMIT,
    async (t) => {
      if (!hasTools(t, ['go'])) return;
      const stage = await Stage.start(t);
      const seen = new Set([stage.pid]);
      for (let version = 1; version <= 10; version += 1) {
        stage.place.put(stage.place.version(version));
        const before = stage.recorded();
        const swapping = stage.swap();
        const victim = version % 2 === 0 ? stage.pid : await stage.newcomer(before);
        killUnlessGone(victim);
        const result = await swapping;
        if (version % 2 === 0) assert.equal(result.kind, 'swapped', describeResult(result));
        // A victim may be the one that serves already, and its end is noticed by the first call it loses.
        const answer = await waitFor('an answer', 10_000, () => stage.ask().catch(() => undefined));
        assert.ok(answer <= version && answer >= version - 2, `version ${answer} after ${version}`);
        seen.add(stage.pid);
      }
      await stage.closeAndCheck();
      assert.deepEqual([...seen].filter(isAlive), []);
    },
  );
});

/** Newcomers that are of no use, each in its own way. */
const BROKEN: ReadonlyMap<string, (place: PluginPlace) => void> = new Map([
  ['missing', (place) => rmSync(place.path)],
  ['an empty file', (place) => place.put(new Uint8Array())],
  ['half of the program', (place) => place.put(place.version(1).subarray(0, 3_000_000))],
  ['the head of a program', (place) => place.put(place.version(1).subarray(0, 64))],
  [
    'a program for no machine',
    (place) => place.put(Buffer.concat([Buffer.from('7f454c46', 'hex'), Buffer.alloc(4096)])),
  ],
  ['text', (place) => place.put(Buffer.from('This is no program.\n'))],
  ['a script without its interpreter', (place) => place.put(Buffer.from('#!/nonexistent/interpreter\n'))],
  ['a script that ends', (place) => place.put(Buffer.from('#!/bin/sh\nexit 7\n'))],
  ['a script that prints', (place) => place.put(Buffer.from('#!/bin/sh\necho hello\nsleep 1\n'))],
  ['a program nobody may execute', (place) => place.put(place.version(1), 'rename', 0o644)],
  ...(
    ['exit', 'mute', 'garbage', 'refuse', 'away', 'strange', 'error', 'unknown', 'die', 'hang'] as const
  ).map(
    (fault: VersionFault) => [fault, (place: PluginPlace) => place.put(place.version(1, fault))] as const,
  ),
]);

/** A supervised plugin with a place for its versions, and callers that never stop. */
class Stage {
  readonly place: PluginPlace;
  readonly supervisor: PluginSupervisor<SelectorPlugin>;
  /** Version known to serve, and version that may serve already. */
  serving = 0;
  newest = 0;
  readonly #folder: string;
  readonly #failures: string[] = [];
  #answered = 0;
  #callers: readonly Promise<void>[] = [];
  #isStopping: boolean = false;

  private constructor(folder: string, place: PluginPlace) {
    this.#folder = folder;
    this.place = place;
    const store = new ExecutableStore(join(folder, 'copies'));
    this.supervisor = new PluginSupervisor<SelectorPlugin>({
      name: 'mine',
      launch: {
        name: 'mine',
        command: place.path,
        handshake: SELECTOR_HANDSHAKE,
        versions: SELECTOR_VERSIONS,
        socketRoot: folder,
        startTimeoutMs: 5000,
      },
      prepare: () => store.prepare(place.path),
      open: (plugin) => openSelectorPlugin(plugin, { name: 'mine', tail: 'none', dispenseTimeoutMs: 5000 }),
      probe: (plugin, call) => plugin.select(REQUEST, call),
      onEvent: () => undefined,
      callTimeoutMs: 5000,
      maxInFlight: 256,
      registry: new OrphanRegistry({
        path: join(folder, 'plugins.json'),
        onError: (error) => this.#failures.push(error.message),
      }),
    });
  }

  /** Serves version 0. */
  static async start(t: TestContext): Promise<Stage> {
    const folder = await scratchFolder(t);
    const place = await PluginPlace.make(folder);
    place.put(place.version(0));
    const stage = new Stage(folder, place);
    atEnd(t, async () => {
      await stage.stopCallers();
      await stage.supervisor.close();
    });
    await stage.supervisor.start();
    assert.equal(stage.supervisor.state, 'ready', stage.supervisor.status().lastFailure?.error.message);
    return stage;
  }

  /** Of the process that serves. */
  get pid(): number {
    return this.supervisor.status().pid ?? 0;
  }

  swap(): Promise<SwapResult> {
    return this.supervisor.swap({ isForced: false });
  }

  /** The version that answers. */
  async ask(): Promise<number> {
    const reply = await this.supervisor.call((plugin, call) => plugin.select(REQUEST, call));
    return reply.kind === 'route' ? Number(reply.routes[0]?.candidateIds[0]?.slice(1)) : Number.NaN;
  }

  letCallersCall(): void {
    this.#callers = Array.from({ length: CALLERS }, () => this.#callOnAndOn());
  }

  async stopCallers(): Promise<{ readonly answered: number; readonly failures: readonly string[] }> {
    this.#isStopping = true;
    await Promise.all(this.#callers);
    return { answered: this.#answered, failures: this.#failures };
  }

  /** The process of a swap under way, from the record of processes. */
  newcomer(before: readonly number[]): Promise<number> {
    return waitFor('newcomer', 10_000, async () => this.recorded().find((pid) => !before.includes(pid)));
  }

  /** Ends the plugin; no process is recorded, no copy and no socket is left. */
  async closeAndCheck(): Promise<void> {
    await this.supervisor.close();
    assert.deepEqual(this.recorded(), []);
    assert.deepEqual(readdirSync(join(this.#folder, 'copies')), []);
    assert.deepEqual(
      readdirSync(this.#folder).filter((name) => name.startsWith('gp-')),
      [],
    );
  }

  async #callOnAndOn(): Promise<void> {
    while (!this.#isStopping) {
      const oldest = this.serving;
      try {
        const answer = await this.ask();
        if (answer >= oldest && answer <= this.newest) this.#answered += 1;
        else this.#failures.push(`version ${answer} answered between ${oldest} and ${this.newest}`);
      } catch (error) {
        this.#failures.push(error instanceof Error ? error.message : String(error));
      }
    }
  }

  /** Processes that would be found after a kill of the host. */
  recorded(): readonly number[] {
    const file = join(this.#folder, 'plugins.json');
    if (!existsSync(file)) return [];
    // Test support: a file of another shape fails the assertions of the tests.
    const { processes } = JSON.parse(readFileSync(file, 'utf8')) as { processes: { pid: number }[] };
    return processes.map(({ pid }) => pid);
  }
}

function describeResult(result: SwapResult): string {
  return result.kind === 'failed' ? result.failure.error.message : result.kind;
}

/** A newcomer that was not needed may have been ended by the supervisor first. */
function killUnlessGone(pid: number): void {
  assert.ok(pid > 0, 'a process to kill');
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return false;
  }
}
