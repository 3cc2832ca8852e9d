import assert from 'node:assert/strict';
import { existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe } from 'node:test';
import { isAlive } from '../test/support/processes.ts';
import { scratchFolder, waitFor } from '../test/support/scratch.ts';
import { GoHost, OUR_PLUGIN, type Started } from './support/go-host.ts';
import { makersFor, PluginProcess, pluginCommand } from './support/plugin-process.ts';
import { type Exceptions, statement } from './support/statement.ts';

const OLD_RELEASES_SAY_THE_SAME: Exceptions = { '1.6.3': 'ours alone', '1.4.10': 'ours alone' };

const NO_GROUP: Exceptions = { '1.4.10': 'groups came with 1.5.0' };

describe('plugin role', () => {
  statement(
    '13. With a wrong cookie, or none, the plugin says what it is on stderr, prints nothing on stdout and exits with status 1.',
    async (t, release) => {
      for (const maker of makersFor(release)) {
        for (const cookie of ['wrong', undefined]) {
          const command = await pluginCommand(maker, release);
          const plugin = await PluginProcess.start(t, command, { CONFORMANCE_PLUGIN: cookie });
          await plugin.exited;
          assert.deepEqual([plugin.stdout, plugin.child.exitCode], ['', 1], maker);
          assert.match(plugin.stderr, /plugin/, maker);
        }
      }
    },
  );

  statement(
    '14. The handshake line is the first and only thing on stdout, even when code of the plugin prints while it is loaded.',
    async (t, release) => {
      const plugin = await PluginProcess.start(t, OUR_PLUGIN);
      assert.match(await plugin.line(), /^1\|1\|unix\|/);
      assert.match(plugin.stdout, /^[^\n]+\n$/);
      assert.match(plugin.stderr, /loaded\nnot a handshake\n/);
      const host = await GoHost.start(t, release);
      assert.equal(await host.call('Text', 'hello'), 'hello');
    },
  );

  statement(
    '15. A host that lists no versions is served the lowest version the plugin has.',
    async (t, release) => {
      for (const maker of makersFor(release)) {
        for (const offered of [undefined, '', 'x', '8,9']) {
          const flag = maker === 'Go' ? '-versions' : '--versions';
          const command = [...(await pluginCommand(maker, release)), flag, '2,3'];
          const env = { PLUGIN_PROTOCOL_VERSIONS: offered, PLUGIN_MIN_PORT: '10000' };
          const plugin = await PluginProcess.start(t, command, env);
          assert.equal((await plugin.fields())[1], '2', `${maker}, ${offered}`);
        }
      }
    },
  );

  statement(
    '16. There is no seventh field unless PLUGIN_MULTIPLEX_GRPC is set to something; then there is, whatever its value.',
    async (t, release) => {
      for (const maker of makersFor(release)) {
        for (const [value, expected] of [
          [undefined, undefined],
          ['', undefined],
          ['true', 'true'],
          ['false', 'true'],
        ]) {
          const command = await pluginCommand(maker, release);
          const plugin = await PluginProcess.start(t, command, { PLUGIN_MULTIPLEX_GRPC: value });
          assert.equal((await plugin.fields())[6], expected, `${maker}, ${value}`);
        }
      }
    },
    { '1.4.10': 'the field came with 1.6.0' },
  );

  statement(
    '17. The socket is made in the directory and for the group the host names (mode 0660), and is gone after an orderly end.',
    async (t, release) => {
      const group = String(process.getgid?.() ?? 0);
      const host = await GoHost.run(t, release, { flags: ['-group', group] });
      const { address } = await host.do<Started>({ do: 'start' });
      const { mode, gid } = statSync(address);
      assert.deepEqual([(mode & 0o777).toString(8), String(gid)], ['660', group]);
      await host.do({ do: 'kill' });
      assert.ok(!existsSync(address));
      const folder = await scratchFolder(t);
      const plugin = await PluginProcess.start(t, OUR_PLUGIN, { PLUGIN_UNIX_SOCKET_DIR: folder });
      assert.equal(dirname((await plugin.fields())[3] ?? ''), folder);
    },
    NO_GROUP,
  );

  statement(
    '18. SIGINT is ignored, SIGTERM ends the plugin, and the death of its host ends it within seconds (an extension of ours).',
    async (t, release) => {
      const host = await GoHost.run(t, release);
      const { pid, address } = await host.do<Started>({ do: 'start' });
      await host.do({ do: 'dispense', name: 'kit' });
      process.kill(pid, 'SIGINT');
      assert.equal(await host.call('Text', 'still there'), 'still there');
      await host.killHard();
      await waitFor('end of the plugin', 20_000, async () => (isAlive(pid) ? undefined : true));
      assert.ok(!existsSync(address));
      const plugin = await PluginProcess.start(t, OUR_PLUGIN);
      await plugin.line();
      plugin.child.kill('SIGTERM');
      await plugin.exited;
      assert.equal(plugin.child.signalCode, 'SIGTERM');
    },
  );

  statement(
    '19. What a plugin prints reaches SyncStdout and SyncStderr of a Go host, each on its own channel.',
    async (t, release) => {
      const host = await GoHost.start(t, release);
      await host.call('Print', 'hello');
      const seen = await waitFor('output', 20_000, async () => {
        const output = await host.do<{ stdout: string; stderr: string }>({ do: 'output' });
        return output.stdout === '' || output.stderr === '' ? undefined : output;
      });
      assert.deepEqual(seen, { stdout: 'hello on stdout\n', stderr: 'hello on stderr\n' });
    },
  );

  statement(
    '20. A plugin told to use TCP, as on Windows, listens on 127.0.0.1 within the range of ports the host offers.',
    async (t, release) => {
      const host = await GoHost.run(t, release, { command: [...OUR_PLUGIN, '--network', 'tcp'] });
      const { network, address } = await host.do<Started>({ do: 'start' });
      const port = Number(/^127\.0\.0\.1:(\d+)$/.exec(address)?.[1]);
      assert.equal(network, 'tcp');
      assert.ok(port >= 10_000 && port <= 25_000, address);
      await host.do({ do: 'dispense', name: 'kit' });
      assert.equal(await host.call('Text', 'over TCP'), 'over TCP');
    },
    OLD_RELEASES_SAY_THE_SAME,
  );
});
