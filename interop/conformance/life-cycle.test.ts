import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { PluginError } from '@smtp-router/go-plugin/errors';
import { type PluginHost, parseReattachConfig, reattachPlugin } from '@smtp-router/go-plugin/host';
import { OrphanRegistry, PluginSupervisor } from '@smtp-router/go-plugin/supervisor';
import { isAlive } from '../test/support/processes.ts';
import { atEnd, scratchFolder, waitFor } from '../test/support/scratch.ts';
import { GoHost, OUR_GRPC_PLUGIN, OUR_PLUGIN } from './support/go-host.ts';
import { dispenseKit, kitLaunch, launchKit } from './support/go-plugin-kit.ts';
import { GrpcKit } from './support/grpc-kit.ts';
import { PLUGIN_NAME } from './support/kit-contract.ts';
import { PluginProcess, pluginCommand } from './support/plugin-process.ts';
import { type Exceptions, statement } from './support/statement.ts';
import { SupervisedKit } from './support/supervised-kit.ts';

const OLD_RELEASES_SAY_THE_SAME: Exceptions = { '1.6.3': 'ours alone', '1.4.10': 'ours alone' };

const CALLERS = 64;
const SWAPS = 3;
const CRASHES = 200;

describe('life cycle', () => {
  statement(
    '74. Kill may be repeated, and returns in bounded time when the plugin is stopped or never answers; its process group is gone.',
    async (t, release) => {
      const { host, kit } = await launchKit(t, release);
      const pending = assert.rejects(kit.call('Sleep', 0, 60_000));
      process.kill(host.pid, 'SIGSTOP');
      const [first, second] = await Promise.all([host.kill(), host.kill()]);
      assert.equal(first, second);
      assert.equal(first.signal, 'SIGKILL');
      assert.equal(await host.kill(), first);
      await pending;
      assert.ok(!isAlive(host.pid) && !isGroupAlive(host.pid));
    },
    OLD_RELEASES_SAY_THE_SAME,
  );

  statement(
    '75. A crash is followed by a start with growing pauses; calls in between fail by declared policy, and the host stays up.',
    async (t, release) => {
      const stage = await SupervisedKit.start(t, release);
      const { pid } = stage;
      const cut = stage.call('Sleep', 0);
      process.kill(pid, 'SIGKILL');
      await assert.rejects(cut, PluginError);
      await assert.rejects(stage.call('Text', 'in between'), PluginError);
      await stage.another(pid);
      assert.equal(await stage.call('Text', 'up again'), 'up again');
      assert.equal(stage.supervisor.status().starts, 2);
      assert.deepEqual(stage.states, ['starting', 'ready', 'restarting', 'ready']);
    },
    OLD_RELEASES_SAY_THE_SAME,
  );

  statement(
    '76. A swap under 64 callers fails no call, ends the old process and answers by the new one.',
    async (t, release) => {
      const stage = await SupervisedKit.start(t, release);
      const over = new AbortController();
      let answered = 0;
      const callers = Array.from({ length: CALLERS }, async (_, caller) => {
        while (!over.signal.aborted) {
          assert.equal(await stage.call('Text', `caller ${caller}`), `caller ${caller}`);
          answered += 1;
        }
      });
      const outcome = Promise.all(callers);
      const pids = [stage.pid];
      for (let swap = 0; swap < SWAPS; swap += 1) {
        stage.put();
        assert.equal((await stage.swap()).kind, 'swapped');
        assert.equal(await stage.call('Pid', true), stage.pid);
        pids.push(stage.pid);
      }
      over.abort();
      await outcome;
      assert.ok(answered >= CALLERS);
      assert.equal(new Set(pids).size, SWAPS + 1);
      const old = pids.slice(0, -1);
      await waitFor('end of the old', 20_000, async () => (old.some(isAlive) ? undefined : true));
    },
    OLD_RELEASES_SAY_THE_SAME,
  );

  statement(
    '77. A broken newcomer leaves the old one serving and its reason visible.',
    async (t, release) => {
      const stage = await SupervisedKit.start(t, release);
      const { pid } = stage;
      for (const content of ['This is no program.\n', '#!/bin/sh\necho hello\n', '#!/bin/sh\nexit 7\n', '']) {
        stage.put(content);
        const result = await stage.swap();
        assert.ok(result.kind === 'failed', content);
        assert.equal(stage.supervisor.status().swaps.lastFailure, result.failure);
        assert.notEqual(result.failure.error.message, '');
        assert.equal(await stage.call('Pid', true), pid);
      }
    },
    OLD_RELEASES_SAY_THE_SAME,
  );

  statement(
    '78. A deleted socket of a running gRPC plugin is noticed and repaired.',
    async (t, release) => {
      const folder = await scratchFolder(t);
      const supervisor = new PluginSupervisor({
        name: 'kit',
        launch: await kitLaunch(release, { args: ['-grpc'], socketRoot: folder }),
        open: async (plugin) => {
          assert.ok(plugin.connection.protocol === 'grpc');
          return new GrpcKit(plugin.connection.dispense());
        },
        onEvent: () => undefined,
        callTimeoutMs: 30_000,
        maxInFlight: 16,
      });
      atEnd(t, () => supervisor.close());
      await supervisor.start();
      const pid = Number(await supervisor.call((kit) => kit.call('Pid', '')));
      const [directory = ''] = readdirSync(folder);
      const [socket = ''] = readdirSync(join(folder, directory));
      rmSync(join(folder, directory, socket));
      await waitFor('another process', 60_000, async () => {
        const { pid: now, state } = supervisor.status();
        return state === 'ready' && now !== undefined && now !== pid ? true : undefined;
      });
      assert.equal(supervisor.status().lastFailure?.error.code, 'PLUGIN_SOCKET_LOST');
      assert.notEqual(Number(await supervisor.call((kit) => kit.call('Pid', ''))), pid);
    },
    OLD_RELEASES_SAY_THE_SAME,
  );

  statement(
    '79. 200 crashes and starts leave no descriptor, process or listener behind and no growing memory.',
    async (t, release) => {
      const stage = await SupervisedKit.start(t, release, { isImpatient: true });
      const pids: number[] = [];
      const crash = async (): Promise<void> => {
        const { pid } = stage;
        pids.push(pid);
        process.kill(pid, 'SIGKILL');
        await stage.another(pid);
      };
      for (let warm = 0; warm < 20; warm += 1) await crash();
      const before = { descriptors: descriptors(), heap: heapBytes() };
      for (let cycle = 20; cycle < CRASHES; cycle += 1) await crash();
      await waitFor('no more descriptors', 20_000, async () =>
        descriptors() <= before.descriptors ? true : undefined,
      );
      const grownBytes = heapBytes() - before.heap;
      assert.ok(grownBytes < 8 * 1_048_576, `${grownBytes} bytes more`);
      assert.equal(new Set(pids).size, CRASHES);
      assert.deepEqual(pids.filter(isAlive), []);
      await stage.supervisor.close();
      assert.deepEqual(readdirSync(join(stage.folder, 's')), []);
    },
    OLD_RELEASES_SAY_THE_SAME,
  );

  statement(
    '80. Reattaching by protocol, version, address and pid works, and a kill in test mode leaves the plugin alive.',
    async (t, release) => {
      for (const [flag, name] of [
        [[], PLUGIN_NAME],
        [['-grpc'], 'grpc'],
      ] as const) {
        const plugin = await PluginProcess.start(t, [...(await pluginCommand('Go', release)), ...flag]);
        const test = await reattachPlugin(parseReattachConfig(await reattachJson(plugin, true)), { name });
        assert.equal(await askText(test), 'reattached');
        await test.kill();
        assert.ok(isAlive(test.pid));
        const host = await reattachPlugin(parseReattachConfig(await reattachJson(plugin, false)), { name });
        assert.equal(await askText(host), 'reattached');
        await host.kill();
        await plugin.exited;
        assert.equal(plugin.child.exitCode, 0);
      }
      for (const [flags, command] of [
        [[], OUR_PLUGIN],
        [['-grpc'], OUR_GRPC_PLUGIN],
      ] as const) {
        const plugin = await PluginProcess.start(t, command);
        for (const isTest of [true, false]) {
          const json = await reattachJson(plugin, isTest);
          const host = await GoHost.start(t, release, { flags: [...flags, '-reattach', json], command: [] });
          assert.equal(await host.call('Text', 'reattached'), 'reattached');
          await host.do({ do: 'kill' });
          assert.equal(isAlive(plugin.pid), isTest);
        }
      }
    },
  );

  statement(
    '81. A plugin whose host was killed does not survive the next start of that host.',
    async (t, release) => {
      const folder = await scratchFolder(t);
      const socketRoot = join(folder, 's');
      mkdirSync(socketRoot);
      const path = join(folder, 'plugins.json');
      const { command } = await kitLaunch(release);
      const script = join(import.meta.dirname, 'plugins/supervising-host.ts');
      const host = spawn(process.execPath, [script, path, socketRoot, command], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      atEnd(t, () => host.kill('SIGKILL'));
      const [said] = await once(host.stdout, 'data');
      const orphan = Number(said);
      assert.ok(orphan > 1, String(said));
      // A log line into the pipe that nobody reads any more may end it, by SIGPIPE: it is kept from writing one.
      process.kill(orphan, 'SIGSTOP');
      host.kill('SIGKILL');
      await once(host, 'exit');
      assert.ok(isAlive(orphan), 'it lives on');
      const registry = new OrphanRegistry({ path, onError: (error) => assert.fail(error) });
      assert.deepEqual(await registry.reap(), [orphan]);
      assert.ok(!isAlive(orphan));
      assert.deepEqual(readdirSync(socketRoot), []);
    },
    OLD_RELEASES_SAY_THE_SAME,
  );
});

/** What a running plugin is connected to by, as programs hand it over. */
async function reattachJson(plugin: PluginProcess, isTest: boolean): Promise<string> {
  const [, version, network, address, protocol] = await plugin.fields();
  return JSON.stringify({
    Protocol: protocol,
    ProtocolVersion: Number(version),
    Pid: plugin.pid,
    Test: isTest,
    Addr: { Network: network, String: address },
  });
}

function askText({ connection }: PluginHost): Promise<unknown> {
  if (connection.protocol === 'grpc') return new GrpcKit(connection.dispense()).call('Text', 'reattached');
  return dispenseKit(connection).then((kit) => kit.call('Text', 'reattached'));
}

function isGroupAlive(leader: number): boolean {
  try {
    process.kill(-leader, 0);
    return true;
  } catch {
    return false;
  }
}

/** Open descriptors of this process, where the system tells. */
function descriptors(): number {
  return process.platform === 'linux' ? readdirSync('/proc/self/fd').length : 0;
}

/** Bytes of the heap after collecting what nobody needs. */
function heapBytes(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  return process.memoryUsage().heapUsed;
}
