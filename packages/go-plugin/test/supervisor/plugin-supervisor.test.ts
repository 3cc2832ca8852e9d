import assert from 'node:assert/strict';
import test from 'node:test';
import { PluginError, type PluginErrorCode } from '../../src/errors.ts';
import { PluginLaunchError } from '../../src/host/plugin-launch-error.ts';
import type { PluginLaunchOptions } from '../../src/host/plugin-launch-options.ts';
import { PluginSupervisor } from '../../src/supervisor/plugin-supervisor.ts';
import type { PluginSupervisorOptions } from '../../src/supervisor/plugin-supervisor-options.ts';
import type { SupervisorEvent } from '../../src/supervisor/supervisor-event.ts';
import { FakePlugin } from '../fixtures/fake-plugin.ts';
import { ManualClock } from '../fixtures/manual-clock.ts';

const handshake = { magicCookieKey: 'K', magicCookieValue: 'v' };

/** What a test may do to a start. */
type Launch = (options: PluginLaunchOptions) => Promise<FakePlugin>;

class Stage {
  readonly clock = new ManualClock();
  readonly plugins: FakePlugin[] = [];
  readonly events: string[] = [];
  readonly failures: PluginErrorCode[] = [];
  readonly registered = new Set<number>();
  launch: Launch = async (options) => {
    const plugin = new FakePlugin();
    await options.onProcess?.({ pid: plugin.pid, socketDirectory: '/tmp/gp-x' });
    this.plugins.push(plugin);
    return plugin;
  };
  readonly supervisor: PluginSupervisor<string>;

  constructor(overrides: Partial<PluginSupervisorOptions<string>> = {}) {
    this.supervisor = new PluginSupervisor<string>({
      name: 'rr',
      launch: { name: 'rr', command: 'rr', handshake, versions: [1] },
      open: async (plugin) => `opened ${plugin.pid}`,
      onEvent: (event) => this.#note(event),
      callTimeoutMs: 2000,
      maxInFlight: 2,
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

  get current(): FakePlugin {
    const plugin = this.plugins.at(-1);
    assert.ok(plugin !== undefined);
    return plugin;
  }

  /** Calls that never answer, one after the other past their deadline. */
  async missDeadlines(count: number): Promise<void> {
    for (let missed = 0; missed < count; missed++) {
      const call = assert.rejects(
        this.supervisor.call(() => new Promise(() => undefined)),
        hasCode('PLUGIN_CALL_TIMEOUT'),
      );
      await this.clock.advance(2100);
      await call;
    }
  }

  #note(event: SupervisorEvent): void {
    if (event.kind !== 'state') return;
    this.events.push(`${event.from}→${event.to}`);
    if (event.failure !== undefined) this.failures.push(event.failure.error.code);
  }
}

const hasCode = (code: PluginErrorCode) => (error: unknown) =>
  error instanceof PluginError && error.code === code;

const failing = async (): Promise<FakePlugin> => {
  throw new PluginError('PLUGIN_START_TIMEOUT', 'too slow');
};

test('a started plugin is ready, serves calls and is described', async () => {
  const stage = new Stage();
  await stage.supervisor.start();
  assert.equal(stage.supervisor.state, 'ready');
  assert.deepEqual(stage.events, ['stopped→starting', 'starting→ready']);
  const answer = await stage.supervisor.call(
    async (instance, { timeoutMs }) => `${instance} within ${timeoutMs}`,
  );
  assert.equal(answer, `opened ${stage.current.pid} within 2000`);
  assert.deepEqual(stage.supervisor.status(), {
    name: 'rr',
    state: 'ready',
    pid: stage.current.pid,
    appVersion: 1,
    protocol: 'netrpc',
    isMutualTls: false,
    readyAt: 1_000_000,
    callsInFlight: 0,
    starts: 1,
    missedDeadlines: 0,
    swaps: { swapped: 0, failed: 0 },
  });
  await stage.supervisor.close();
});

test('before the start, while starting and after the end calls are refused at once', async () => {
  const stage = new Stage();
  const refused = () =>
    assert.rejects(
      stage.supervisor.call(async () => 1),
      hasCode('PLUGIN_NOT_READY'),
    );
  await refused();
  const starting = stage.supervisor.start();
  await refused();
  await starting;
  await stage.supervisor.close();
  await refused();
});

test('more calls than allowed at once are refused', async () => {
  const stage = new Stage();
  await stage.supervisor.start();
  const held = Promise.withResolvers<number>();
  const calls = [1, 2].map(() => stage.supervisor.call(() => held.promise));
  assert.equal(stage.supervisor.status().callsInFlight, 2);
  await assert.rejects(
    stage.supervisor.call(async () => 1),
    hasCode('PLUGIN_BUSY'),
  );
  held.resolve(7);
  assert.deepEqual(await Promise.all(calls), [7, 7]);
  assert.equal(await stage.supervisor.call(async () => 1), 1);
  await stage.supervisor.close();
});

test('when the process dies, calls under way fail at once and a new one is started at once', async () => {
  const stage = new Stage();
  await stage.supervisor.start();
  const first = stage.current;
  const call = assert.rejects(
    stage.supervisor.call(() => new Promise(() => undefined)),
    hasCode('PLUGIN_CONNECTION_LOST'),
  );
  first.exit({ status: 2, lastLines: ['oops'], panic: 'panic: boom' });
  await call;
  await stage.clock.advance(0);
  assert.equal(stage.supervisor.state, 'ready');
  assert.notEqual(stage.current, first);
  assert.deepEqual(stage.events.slice(2), ['ready→restarting', 'restarting→ready']);
  const { lastFailure } = stage.supervisor.status();
  assert.equal(lastFailure?.error.code, 'PLUGIN_EXITED');
  assert.match(
    lastFailure?.error.message ?? '',
    /^Plugin "rr" \(pid \d+\) exited with status 2 while in use\. Its stderr: "panic: boom"\.$/,
  );
  assert.equal(lastFailure?.status, 2);
  assert.equal(lastFailure?.panic, 'panic: boom');
  assert.deepEqual(lastFailure?.lastLines, ['oops']);
  await stage.supervisor.close();
});

test('a process whose connection breaks is killed and replaced, and its last words are kept', async () => {
  const stage = new Stage();
  await stage.supervisor.start();
  const first = stage.current;
  first.breakConnection(new Error('window overrun'));
  await stage.clock.advance(500);
  assert.equal(first.kills, 1);
  await stage.clock.advance(0);
  assert.equal(stage.supervisor.state, 'ready');
  const { lastFailure } = stage.supervisor.status();
  assert.equal(lastFailure?.error.code, 'PLUGIN_CONNECTION_LOST');
  assert.match(lastFailure?.error.message ?? '', /window overrun/);
  assert.deepEqual(lastFailure?.lastLines, ['last words']);
  await stage.supervisor.close();
});

test('five missed deadlines in a row replace the process', async () => {
  const stage = new Stage();
  await stage.supervisor.start();
  const first = stage.current;
  await stage.missDeadlines(5);
  await stage.clock.advance(0);
  assert.equal(first.kills, 1);
  assert.deepEqual(stage.failures, ['PLUGIN_UNRESPONSIVE']);
  assert.equal(stage.supervisor.state, 'ready');
  assert.equal(stage.supervisor.status().missedDeadlines, 5);
  await stage.supervisor.close();
});

test('a dispensed stream that ends alone replaces the process, for it can never be called again', async () => {
  const stage = new Stage();
  await stage.supervisor.start();
  const first = stage.current;
  const lost = new PluginError('PLUGIN_CONNECTION_LOST', 'the stream ended');
  await assert.rejects(stage.supervisor.call(async () => Promise.reject(lost)));
  await stage.clock.advance(500);
  assert.equal(first.kills, 1);
  assert.deepEqual(stage.failures, ['PLUGIN_CONNECTION_LOST']);
  assert.equal(stage.supervisor.state, 'ready');
  await stage.supervisor.close();
});

test('an answer between missed deadlines starts the count anew, an error of the plugin is an answer', async () => {
  const stage = new Stage();
  await stage.supervisor.start();
  await stage.missDeadlines(4);
  await stage.supervisor.call(async () => 1);
  await stage.missDeadlines(4);
  await assert.rejects(
    stage.supervisor.call(async () => Promise.reject(new Error('no downstreams'))),
    /no downstreams/,
  );
  await stage.missDeadlines(4);
  assert.equal(stage.plugins.length, 1);
  assert.equal(stage.supervisor.state, 'ready');
  await stage.supervisor.close();
});

test('a call given up by its caller neither counts as missed nor as an answer', async () => {
  const stage = new Stage();
  await stage.supervisor.start();
  await stage.missDeadlines(4);
  const cancelled = new PluginError('PLUGIN_CALL_CANCELLED', 'given up');
  await assert.rejects(stage.supervisor.call(async () => Promise.reject(cancelled)));
  await stage.missDeadlines(1);
  assert.deepEqual(stage.failures, ['PLUGIN_UNRESPONSIVE']);
  await stage.supervisor.close();
});

test('a process that does not answer a ping for five seconds is replaced', async () => {
  const stage = new Stage();
  await stage.supervisor.start();
  const first = stage.current;
  first.ping = ({ timeoutMs }) =>
    new Promise((_, reject) => {
      stage.clock.schedule(timeoutMs, () => reject(new PluginError('PLUGIN_CALL_TIMEOUT', 'no pong')));
    });
  await stage.clock.advance(6999);
  assert.equal(first.kills, 0);
  await stage.clock.advance(1);
  assert.equal(first.kills, 1);
  assert.deepEqual(stage.failures, ['PLUGIN_UNRESPONSIVE']);
  await stage.supervisor.close();
});

test('a process whose socket file is gone is replaced', async () => {
  const stage = new Stage();
  await stage.supervisor.start();
  const first = stage.current;
  first.ping = async () => {
    throw new PluginError('PLUGIN_SOCKET_LOST', 'lost its socket');
  };
  await stage.clock.advance(2000);
  assert.equal(first.kills, 1);
  assert.deepEqual(stage.failures, ['PLUGIN_SOCKET_LOST']);
  await stage.supervisor.close();
});

test('pings go on as long as they are answered, even by an error', async () => {
  const stage = new Stage();
  await stage.supervisor.start();
  let pings = 0;
  stage.current.ping = async () => {
    pings += 1;
    throw new PluginError('PLUGIN_CALL_FAILED', 'no such method');
  };
  await stage.clock.advance(60_000);
  assert.equal(pings, 30);
  assert.equal(stage.plugins.length, 1);
  await stage.supervisor.close();
  assert.equal(stage.clock.pendingTimers, 0);
});

test('calls under way on a process that is replaced may still end', async () => {
  const stage = new Stage({ maxInFlight: 10 });
  await stage.supervisor.start();
  const first = stage.current;
  const slow = Promise.withResolvers<string>();
  const missed = Array.from({ length: 5 }, () =>
    assert.rejects(
      stage.supervisor.call(() => new Promise(() => undefined)),
      hasCode('PLUGIN_CALL_TIMEOUT'),
    ),
  );
  await stage.clock.advance(2000);
  const late = stage.supervisor.call(() => slow.promise);
  await stage.clock.advance(100);
  await Promise.all(missed);
  await stage.clock.advance(0);
  assert.equal(stage.plugins.length, 2);
  assert.equal(first.kills, 0);
  slow.resolve('late');
  assert.equal(await late, 'late');
  await stage.clock.advance(0);
  assert.equal(first.kills, 1);
  await stage.supervisor.close();
});

test('failing starts are repeated with pauses and reported once per change of state', async () => {
  const stage = new Stage();
  const startedAt: number[] = [];
  stage.launch = () => {
    startedAt.push(stage.clock.now());
    return failing();
  };
  await stage.supervisor.start();
  assert.equal(stage.supervisor.state, 'restarting');
  await stage.clock.advance(20_000);
  assert.deepEqual(startedAt, [0, 0, 50, 150, 350, 750, 1750, 3750, 7750, 15_750]);
  assert.deepEqual(stage.events, ['stopped→starting', 'starting→restarting', 'restarting→failed']);
  assert.equal(stage.supervisor.status().starts, 10);
  assert.equal(stage.supervisor.status().nextStartAt, 1_000_000 + 30_750);
  await stage.supervisor.close();
});

test('a crash loop never starts more than one process a second after the fifth', async () => {
  const stage = new Stage();
  const startedAt: number[] = [];
  const { launch } = stage;
  stage.launch = async (options) => {
    startedAt.push(stage.clock.now());
    const plugin = await launch(options);
    stage.clock.schedule(1, () => plugin.exit());
    return plugin;
  };
  await stage.supervisor.start();
  await stage.clock.advance(120_000);
  const slow = startedAt.slice(6);
  assert.ok(slow.length > 5);
  for (const [index, at] of slow.slice(1).entries()) assert.ok(at - (slow[index] ?? 0) >= 1000);
  await stage.supervisor.close();
});

test('a failure that cannot mend itself is failed at once, and still tried again', async () => {
  const stage = new Stage();
  const { launch } = stage;
  stage.launch = async () => {
    throw new PluginError('PLUGIN_FILE_NOT_FOUND', '/x does not exist.');
  };
  await stage.supervisor.start();
  assert.deepEqual(stage.events, ['stopped→starting', 'starting→failed']);
  stage.launch = launch;
  await stage.clock.advance(1000);
  assert.equal(stage.supervisor.state, 'ready');
  await stage.supervisor.close();
});

test('a start that ran keeps how the process ended and what it said', async () => {
  const stage = new Stage();
  stage.launch = async () => {
    const exit = { status: 3, signal: null, lastLines: ['no licence'] };
    throw new PluginLaunchError('PLUGIN_EXITED_EARLY', 'exited', { cause: undefined, exit });
  };
  await stage.supervisor.start();
  const { lastFailure } = stage.supervisor.status();
  assert.equal(lastFailure?.status, 3);
  assert.deepEqual(lastFailure?.lastLines, ['no licence']);
  await stage.supervisor.close();
});

for (const [how, open] of Object.entries({
  rejects: async () => Promise.reject(new Error('unknown plugin type: selector')),
  'never settles': () => new Promise<string>(() => undefined),
})) {
  test(`a process is killed when opening it ${how}`, async () => {
    const stage = new Stage({ open });
    const starting = stage.supervisor.start();
    await stage.clock.advance(10_000);
    await starting;
    assert.equal(stage.plugins[0]?.kills, 1);
    assert.equal(stage.failures[0], 'PLUGIN_OPEN_FAILED');
    await stage.supervisor.close();
  });
}

test('closing waits for calls and process, and is idempotent', async () => {
  const stage = new Stage();
  await stage.supervisor.start();
  const call = stage.supervisor.call(async () => 'done');
  const closing = stage.supervisor.close();
  assert.equal(stage.supervisor.state, 'closing');
  assert.equal(stage.supervisor.close(), closing);
  assert.equal(await call, 'done');
  await closing;
  assert.equal(stage.supervisor.state, 'stopped');
  assert.equal(stage.current.kills, 1);
  assert.deepEqual(stage.events.slice(2), ['ready→closing', 'closing→stopped']);
  assert.equal(stage.clock.pendingTimers, 0);
});

test('closing while starting gives the start up', async () => {
  const stage = new Stage();
  stage.launch = ({ signal }) =>
    new Promise((_, reject) => {
      signal?.addEventListener('abort', () => reject(new PluginError('PLUGIN_START_ABORTED', 'given up')));
    });
  const starting = stage.supervisor.start();
  await stage.clock.advance(0);
  await stage.supervisor.close();
  await starting;
  assert.equal(stage.supervisor.state, 'stopped');
  assert.equal(stage.clock.pendingTimers, 0);
});

test('closing before the process is launched launches none', async () => {
  const stage = new Stage();
  const starting = stage.supervisor.start();
  await stage.supervisor.close();
  await starting;
  assert.equal(stage.supervisor.state, 'stopped');
  assert.deepEqual(stage.plugins, []);
});

test('closing does not wait for an opening that never settles', async () => {
  const stage = new Stage({ open: () => new Promise<string>(() => undefined) });
  const starting = stage.supervisor.start();
  await stage.clock.advance(0);
  await stage.supervisor.close();
  await starting;
  assert.equal(stage.current.kills, 1);
  assert.equal(stage.clock.pendingTimers, 0);
});

test('a process that comes up while closing is killed', async () => {
  const stage = new Stage();
  const { launch } = stage;
  const gate = Promise.withResolvers<void>();
  stage.launch = async (options) => {
    await gate.promise;
    return launch(options);
  };
  const starting = stage.supervisor.start();
  await stage.clock.advance(0);
  const closing = stage.supervisor.close();
  gate.resolve();
  await Promise.all([starting, closing]);
  assert.equal(stage.current.kills, 1);
  assert.deepEqual(stage.registered, new Set());
});

test('closing between two starts cancels the next one', async () => {
  const stage = new Stage();
  stage.launch = failing;
  await stage.supervisor.start();
  await stage.supervisor.close();
  const { starts } = stage.supervisor.status();
  await stage.clock.advance(60_000);
  assert.equal(stage.supervisor.status().starts, starts);
});

test('a supervisor that was never started closes at once and stays stopped', async () => {
  const stage = new Stage();
  await stage.supervisor.close();
  await stage.supervisor.start();
  assert.deepEqual(stage.events, []);
  assert.equal(stage.supervisor.state, 'stopped');
});

test('every process is in the registry while it lives', async () => {
  const stage = new Stage();
  await stage.supervisor.start();
  const first = stage.current;
  assert.deepEqual(stage.registered, new Set([first.pid]));
  first.exit();
  await stage.clock.advance(0);
  assert.deepEqual(stage.registered, new Set([stage.current.pid]));
  await stage.supervisor.close();
  assert.deepEqual(stage.registered, new Set());
});

test('a process that failed to come up leaves the registry', async () => {
  const stage = new Stage();
  stage.launch = async (options) => {
    await options.onProcess?.({ pid: 77, socketDirectory: '/tmp/gp-y' });
    assert.deepEqual(stage.registered, new Set([77]));
    return failing();
  };
  await stage.supervisor.start();
  assert.deepEqual(stage.registered, new Set());
  await stage.supervisor.close();
});
