import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { type Clock, systemClock } from '../../src/clock.ts';
import { launchPlugin } from '../../src/host/launch-plugin.ts';
import { overNetRpc } from '../../src/host/over-net-rpc.ts';
import type { PluginHost } from '../../src/host/plugin-host.ts';
import { OrphanRegistry } from '../../src/supervisor/orphan-registry.ts';
import { PluginSupervisor } from '../../src/supervisor/plugin-supervisor.ts';
import type { SupervisorState } from '../../src/supervisor/supervisor-state.ts';
import type { RpcChannel } from '../../src/transport/plugin-connection.ts';
import {
  eventually,
  fixtureLaunch,
  isAlive,
  leftovers,
  temporaryDirectory,
  tenfold,
} from '../fixtures/plugin-fixture.ts';

/** To a supervisor with this clock every process has served for long, so that restarts are immediate. */
const longServed: Clock = { ...systemClock, now: () => systemClock.now() * 100_000 };

interface SuperviseOptions {
  readonly clock?: Clock;
  readonly callTimeoutMs?: number;
  readonly open?: (plugin: PluginHost) => Promise<RpcChannel | undefined>;
}

function supervise(context: TestContext, plugin: string, options: SuperviseOptions = {}) {
  const launch = { ...fixtureLaunch(context, plugin), startTimeoutMs: 200_000 };
  const states: SupervisorState[] = [];
  const supervisor = new PluginSupervisor<RpcChannel | undefined>({
    name: plugin,
    launch,
    open:
      options.open ??
      (({ connection }) => overNetRpc(connection).dispense('selector', { timeoutMs: 200_000 })),
    onEvent: (event) => event.kind === 'state' && states.push(event.to),
    callTimeoutMs: options.callTimeoutMs ?? 60_000,
    maxInFlight: 256,
    ...(options.clock && { clock: options.clock }),
    launcher: (given) => launchPlugin({ ...given, clock: options.clock === tenfold ? tenfold : systemClock }),
  });
  context.after(() => supervisor.close());
  const call = (method: string, text = '') =>
    supervisor.call(async (channel, bounds) => {
      const reply = await channel?.call(method, { type: { kind: 'string' }, value: text }, bounds);
      return reply?.value;
    });
  return { launch, states, supervisor, call };
}

test('20 crashes and restarts leave no descriptor, process or directory behind', {
  skip: process.platform !== 'linux',
}, async (context) => {
  const { launch, supervisor } = supervise(context, 'listens', {
    clock: longServed,
    open: async () => undefined,
  });
  await supervisor.start();
  const pids = new Set<number>();
  const descriptors = readdirSync('/proc/self/fd').length;
  for (let cycle = 0; cycle < 20; cycle++) {
    const { pid } = supervisor.status();
    assert.ok(pid !== undefined && !pids.has(pid));
    pids.add(pid);
    process.kill(pid, 'SIGKILL');
    await eventually('a new process', () => supervisor.state === 'ready' && supervisor.status().pid !== pid);
  }
  await eventually('no more descriptors', () => readdirSync('/proc/self/fd').length <= descriptors);
  await eventually('one directory', () => leftovers(launch).length === 1);
  assert.equal(supervisor.status().starts, 21);
  await supervisor.close();
  assert.deepEqual(leftovers(launch), []);
  assert.deepEqual([...pids].filter(isAlive), []);
});

test('while a plugin crashes in traffic every call is answered or fails at once, and it is up again', async (context) => {
  const { supervisor, call, states } = supervise(context, 'good', { clock: longServed });
  await supervisor.start();
  const answered = Array.from({ length: 64 }, (_, index) => call('Echo', String(index)));
  assert.deepEqual(await Promise.all(answered), [...answered.keys()].map(String));
  const cut = Array.from({ length: 64 }, () => call('Hang'));
  const started = performance.now();
  const outcomes = await Promise.allSettled([...cut, call('Die')]);
  const codes = outcomes.map((outcome) => outcome.status === 'rejected' && outcome.reason.code);
  assert.deepEqual(new Set(codes), new Set(['PLUGIN_CONNECTION_LOST']));
  assert.ok(performance.now() - started < 2000);
  await eventually('ready again', () => supervisor.status().starts === 2 && supervisor.state === 'ready');
  assert.equal(await call('Echo', 'again'), 'again');
  assert.deepEqual(states, ['starting', 'ready', 'restarting', 'ready']);
});

test('the panic of a crash is kept with the failure', async (context) => {
  const { supervisor, call } = supervise(context, 'good');
  await supervisor.start();
  await assert.rejects(call('Panic'));
  await eventually('ready again', () => supervisor.status().starts === 2 && supervisor.state === 'ready');
  const { lastFailure } = supervisor.status();
  assert.equal(lastFailure?.error.code, 'PLUGIN_EXITED');
  assert.match(lastFailure?.panic ?? '', /^panic: on request/);
});

test('a plugin that hangs in calls is replaced after five missed deadlines', async (context) => {
  const { supervisor, call } = supervise(context, 'good', { callTimeoutMs: 100 });
  await supervisor.start();
  const { pid } = supervisor.status();
  const outcomes = await Promise.allSettled(Array.from({ length: 5 }, () => call('Hang')));
  assert.ok(outcomes.every(({ status }) => status === 'rejected'));
  await eventually('another process', () => supervisor.state === 'ready' && supervisor.status().pid !== pid);
  assert.equal(await call('Echo', 'fresh'), 'fresh');
  assert.equal(supervisor.status().lastFailure?.error.code, 'PLUGIN_UNRESPONSIVE');
});

test('a stopped plugin is noticed by its pings, killed and replaced', async (context) => {
  const { supervisor, call } = supervise(context, 'good', { clock: tenfold });
  await supervisor.start();
  const { pid } = supervisor.status();
  assert.ok(pid !== undefined);
  process.kill(pid, 'SIGSTOP');
  await eventually('another process', () => supervisor.state === 'ready' && supervisor.status().pid !== pid);
  assert.equal(await call('Pid').then(Number), supervisor.status().pid);
  await eventually('the stopped one is gone', () => !isAlive(pid));
});

test('a plugin left behind by a killed host is ended at the next start', async (context) => {
  const directory = temporaryDirectory(context);
  const path = join(directory, 'plugins.json');
  const socketRoot = join(directory, 's');
  mkdirSync(socketRoot);
  const fixtures = join(import.meta.dirname, '..', 'fixtures');
  const host = spawn(process.execPath, [
    join(fixtures, 'supervising-host.ts'),
    join(fixtures, 'plugins', 'deaf.mjs'),
    path,
    socketRoot,
  ]);
  context.after(() => host.kill('SIGKILL'));
  const [said] = await once(host.stdout, 'data');
  const orphan = Number(said);
  host.kill('SIGKILL');
  await once(host, 'exit');
  assert.ok(isAlive(orphan));
  const registry = new OrphanRegistry({ path, onError: (error) => assert.fail(error) });
  assert.deepEqual(await registry.reap(), [orphan]);
  assert.equal(isAlive(orphan), false);
  assert.deepEqual(readdirSync(socketRoot), []);
});
