import assert from 'node:assert/strict';
import test from 'node:test';
import { PluginError, type PluginErrorCode } from '../../src/errors.ts';
import type { PluginLaunchOptions } from '../../src/host/plugin-launch-options.ts';
import type { Executable } from '../../src/supervisor/executable.ts';
import { PluginSupervisor } from '../../src/supervisor/plugin-supervisor.ts';
import type { PluginSupervisorOptions } from '../../src/supervisor/plugin-supervisor-options.ts';
import type { SwapResult } from '../../src/supervisor/swap-result.ts';
import { FakePlugin } from '../fixtures/fake-plugin.ts';
import { ManualClock } from '../fixtures/manual-clock.ts';

const handshake = { magicCookieKey: 'K', magicCookieValue: 'v' };

/** A supervised plugin whose files are versions counted up by hand. */
class Stage {
  readonly clock = new ManualClock();
  readonly plugins: FakePlugin[] = [];
  readonly commands: string[] = [];
  readonly events: string[] = [];
  readonly registered = new Set<number>();
  /** Copies made and not disposed of. */
  readonly copies = new Set<string>();
  /** What is in the file now. */
  version = 1;
  prepare: () => Promise<Executable> = async () => this.#copy();
  launch: (options: PluginLaunchOptions) => Promise<FakePlugin> = (options) => this.launchGood(options);
  open: (plugin: FakePlugin) => Promise<string> = async ({ pid }) => `process ${pid}`;
  probe: () => Promise<unknown> = async () => undefined;
  readonly supervisor: PluginSupervisor<string>;

  constructor(overrides: Partial<PluginSupervisorOptions<string>> = {}) {
    this.supervisor = new PluginSupervisor<string>({
      name: 'rr',
      launch: { name: 'rr', command: 'rr', handshake, versions: [1] },
      prepare: () => this.prepare(),
      open: () => this.open(this.newest),
      probe: () => this.probe(),
      onEvent: (event) => this.events.push(event.kind === 'state' ? `${event.from}→${event.to}` : event.kind),
      callTimeoutMs: 2000,
      maxInFlight: 64,
      clock: this.clock,
      random: () => 0,
      registry: {
        add: async ({ pid }) => void this.registered.add(pid),
        remove: async (pid) => void this.registered.delete(pid),
      },
      launcher: (options) => this.launch(options),
      ...overrides,
    });
  }

  get newest(): FakePlugin {
    const plugin = this.plugins.at(-1);
    assert.ok(plugin !== undefined);
    return plugin;
  }

  get pid(): number | undefined {
    return this.supervisor.status().pid;
  }

  async launchGood(options: PluginLaunchOptions): Promise<FakePlugin> {
    const plugin = new FakePlugin();
    this.commands.push(options.command);
    this.plugins.push(plugin);
    await options.onProcess?.({ pid: plugin.pid, socketDirectory: '/tmp/gp-x' });
    return plugin;
  }

  async start(): Promise<FakePlugin> {
    await this.supervisor.start();
    return this.newest;
  }

  swap(isForced = false): Promise<SwapResult> {
    return this.supervisor.swap({ isForced });
  }

  call(): Promise<string> {
    return this.supervisor.call(async (instance) => instance);
  }

  /** Everything a closed supervisor may not leave. */
  async closeAndCheck(): Promise<void> {
    await this.supervisor.close();
    assert.deepEqual([...this.registered], []);
    assert.deepEqual([...this.copies], []);
    assert.equal(this.clock.pendingTimers, 0);
    assert.ok(this.plugins.every(({ kills }) => kills > 0));
  }

  async #copy(): Promise<Executable> {
    const copy = `/copies/${this.version}-${this.commands.length}`;
    this.copies.add(copy);
    const dispose = async (): Promise<void> => void this.copies.delete(copy);
    return { copy, sha256: `sha of ${this.version}`, dispose };
  }
}

function codeOf(result: SwapResult): PluginErrorCode | SwapResult['kind'] {
  return result.kind === 'failed' ? result.failure.error.code : result.kind;
}

const fails = (code: PluginErrorCode) => async (): Promise<never> => {
  throw new PluginError(code, 'on purpose.');
};

test('a swap answers calls by the newcomer, lets those of the old one end, and then ends it', async () => {
  const stage = new Stage();
  const old = await stage.start();
  const answer = Promise.withResolvers<string>();
  const pending = stage.supervisor.call(() => answer.promise);
  stage.version = 2;
  const result = await stage.swap();
  assert.deepEqual(result, {
    kind: 'swapped',
    from: old.pid,
    pid: stage.newest.pid,
    sha256: 'sha of 2',
    durationMs: 0,
  });
  assert.equal(await stage.call(), `process ${stage.newest.pid}`);
  assert.equal(old.kills, 0);
  answer.resolve('from the old one');
  assert.equal(await pending, 'from the old one');
  await stage.clock.advance(0);
  assert.equal(old.kills, 1);
  assert.deepEqual([...stage.registered], [stage.newest.pid]);
  assert.equal(stage.copies.size, 1);
  assert.deepEqual(stage.events, ['stopped→starting', 'starting→ready', 'swapped']);
  const { sha256, starts, swaps } = stage.supervisor.status();
  assert.deepEqual({ sha256, starts }, { sha256: 'sha of 2', starts: 1 });
  assert.deepEqual(swaps, { swapped: 1, failed: 0, swappedAt: 1_000_000 });
  await stage.closeAndCheck();
});

test('unchanged files are swapped only when forced', async () => {
  const stage = new Stage();
  const old = await stage.start();
  assert.deepEqual(await stage.swap(), { kind: 'unchanged' });
  assert.equal(stage.pid, old.pid);
  assert.equal(stage.copies.size, 1);
  assert.equal(codeOf(await stage.swap(true)), 'swapped');
  assert.notEqual(stage.pid, old.pid);
  await stage.closeAndCheck();
});

/** Every step at which a newcomer may come to nothing. */
const BROKEN: ReadonlyMap<string, readonly [PluginErrorCode, (stage: Stage) => void]> = new Map([
  [
    'its file is missing',
    ['PLUGIN_FILE_NOT_FOUND', (stage) => (stage.prepare = fails('PLUGIN_FILE_NOT_FOUND'))],
  ],
  ['it does not start', ['PLUGIN_FILE_FORMAT', (stage) => (stage.launch = fails('PLUGIN_FILE_FORMAT'))]],
  [
    'the file it starts from is gone',
    ['PLUGIN_FILE_NOT_FOUND', (stage) => (stage.launch = fails('PLUGIN_FILE_NOT_FOUND'))],
  ],
  ['it cannot be opened', ['PLUGIN_OPEN_FAILED', (stage) => (stage.open = fails('PLUGIN_CALL_FAILED'))]],
  ['it fails its trial', ['PLUGIN_PROBE_FAILED', (stage) => (stage.probe = fails('PLUGIN_CALL_FAILED'))]],
  [
    'it dies in its trial',
    [
      'PLUGIN_PROBE_FAILED',
      (stage) => {
        stage.probe = () => {
          stage.newest.exit();
          return new Promise(() => undefined);
        };
      },
    ],
  ],
]);

for (const [what, [code, breakIt]] of BROKEN) {
  test(`a newcomer changes nothing when ${what}`, async () => {
    const stage = new Stage();
    const old = await stage.start();
    stage.version = 2;
    const { prepare, launch, open, probe } = stage;
    breakIt(stage);
    assert.equal(codeOf(await stage.swap()), code);
    assert.equal(stage.pid, old.pid);
    assert.equal(await stage.call(), `process ${old.pid}`);
    assert.deepEqual([...stage.registered], [old.pid]);
    assert.equal(stage.copies.size, 1);
    const { swaps, lastFailure } = stage.supervisor.status();
    assert.equal(swaps.failed, 1);
    assert.equal(swaps.lastFailure?.error.code, code);
    assert.equal(lastFailure, undefined);
    assert.deepEqual(stage.events, ['stopped→starting', 'starting→ready', 'swap-failed']);
    Object.assign(stage, { prepare, launch, open, probe });
    assert.equal(codeOf(await stage.swap()), 'swapped');
    assert.equal(stage.supervisor.status().swaps.lastFailure, undefined);
    await stage.closeAndCheck();
  });
}

test('a newcomer that does not answer its trial in time is ended', async () => {
  const stage = new Stage();
  const old = await stage.start();
  stage.version = 2;
  stage.probe = () => new Promise(() => undefined);
  const swapping = stage.swap();
  await stage.clock.advance(0);
  assert.equal(stage.supervisor.status().swaps.phase, 'trying');
  await stage.clock.advance(2100);
  const result = await swapping;
  assert.equal(codeOf(result), 'PLUGIN_PROBE_FAILED');
  assert.match(result.kind === 'failed' ? result.failure.error.message : '', /did not answer within 2 s/);
  assert.equal(stage.newest.kills, 1);
  assert.equal(stage.pid, old.pid);
  assert.equal(stage.supervisor.status().swaps.phase, undefined);
  await stage.closeAndCheck();
});

test('after a failed swap a crash of the old process is answered by the copy that served, not by the file', async () => {
  const stage = new Stage();
  const old = await stage.start();
  stage.version = 2;
  stage.probe = fails('PLUGIN_CALL_FAILED');
  await stage.swap();
  old.exit();
  await stage.clock.advance(1);
  assert.equal(stage.supervisor.state, 'ready');
  assert.equal(stage.supervisor.status().sha256, 'sha of 1');
  assert.equal(stage.commands.at(-1), stage.commands[0]);
  await stage.closeAndCheck();
});

test('a copy that somebody removed is made anew by the restart after', async () => {
  const stage = new Stage();
  const old = await stage.start();
  stage.launch = fails('PLUGIN_FILE_NOT_FOUND');
  stage.version = 2;
  old.exit();
  await stage.clock.advance(1);
  stage.launch = (options) => stage.launchGood(options);
  await stage.clock.advance(10_000);
  assert.equal(stage.supervisor.status().sha256, 'sha of 2');
  await stage.closeAndCheck();
});

test('the old process may die during a swap: the newcomer takes over, whoever is up first', async () => {
  for (const isNewcomerFirst of [true, false]) {
    const stage = new Stage();
    const old = await stage.start();
    stage.version = 2;
    const trial = Promise.withResolvers<void>();
    const restart = Promise.withResolvers<void>();
    stage.probe = () => trial.promise;
    const swapping = stage.swap();
    await stage.clock.advance(0);
    stage.launch = async (options) => {
      await restart.promise;
      return stage.launchGood(options);
    };
    old.exit();
    await stage.clock.advance(1);
    assert.equal(stage.supervisor.state, 'restarting');
    const order = isNewcomerFirst ? [trial, restart] : [restart, trial];
    for (const step of order) {
      step.resolve();
      await stage.clock.advance(1);
      assert.equal(stage.supervisor.state, 'ready');
    }
    assert.equal(codeOf(await swapping), 'swapped');
    assert.equal(stage.supervisor.status().sha256, 'sha of 2');
    assert.equal(stage.registered.size, 1);
    await stage.closeAndCheck();
  }
});

test('a restart that fails after it was overtaken by a swap is forgotten', async () => {
  const stage = new Stage();
  const old = await stage.start();
  stage.version = 2;
  const trial = Promise.withResolvers<void>();
  const restart = Promise.withResolvers<FakePlugin>();
  stage.probe = () => trial.promise;
  const swapping = stage.swap();
  await stage.clock.advance(0);
  stage.launch = () => restart.promise;
  old.exit();
  await stage.clock.advance(1);
  trial.resolve();
  await swapping;
  restart.reject(new PluginError('PLUGIN_START_TIMEOUT', 'too slow'));
  await stage.clock.advance(1);
  assert.equal(stage.supervisor.state, 'ready');
  assert.equal(stage.supervisor.status().nextStartAt, undefined);
  await stage.closeAndCheck();
});

test('a swap puts an end to a crash loop, and its waiting restart', async () => {
  const stage = new Stage();
  const { launch } = stage;
  stage.launch = fails('PLUGIN_FILE_FORMAT');
  await stage.supervisor.start();
  assert.equal(stage.supervisor.state, 'failed');
  stage.launch = launch;
  const result = await stage.swap();
  assert.equal(codeOf(result), 'swapped');
  assert.equal(result.kind === 'swapped' && result.from, undefined);
  assert.equal(stage.supervisor.state, 'ready');
  await stage.clock.advance(60_000);
  assert.equal(stage.plugins.length, 1);
  stage.newest.exit();
  await stage.clock.advance(0);
  assert.equal(stage.supervisor.state, 'ready');
  await stage.closeAndCheck();
});

for (const phase of ['preparing', 'starting', 'trying'] as const) {
  test(`closing while a newcomer is ${phase} leaves nothing behind`, async () => {
    const stage = new Stage();
    await stage.start();
    stage.version = 2;
    const step = Promise.withResolvers<void>();
    const { prepare } = stage;
    if (phase === 'preparing') stage.prepare = () => step.promise.then(prepare);
    if (phase === 'starting') stage.open = () => new Promise(() => undefined);
    if (phase === 'trying') stage.probe = () => new Promise(() => undefined);
    const swapping = stage.swap();
    await stage.clock.advance(0);
    assert.equal(stage.supervisor.status().swaps.phase, phase);
    const closing = stage.closeAndCheck();
    step.resolve();
    const result = await swapping;
    assert.equal(result.kind, 'failed');
    await closing;
    assert.ok(!stage.events.includes('swap-failed'));
    assert.equal(codeOf(await stage.swap()), 'PLUGIN_CLOSED');
  });
}

test('the system may refuse a private copy: that is told once, and the original runs', async () => {
  const warning = new PluginError('PLUGIN_NOT_COPIED', 'noexec');
  const stage = new Stage({ prepare: async () => ({ warning, dispose: async () => undefined }) });
  await stage.start();
  assert.equal(codeOf(await stage.swap()), 'swapped');
  assert.deepEqual(stage.commands, ['rr', 'rr']);
  assert.equal(stage.events.filter((kind) => kind === 'warning').length, 1);
  await stage.closeAndCheck();
});
