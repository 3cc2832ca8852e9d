import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  closeSync,
  copyFileSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, type TestContext } from 'node:test';
import { PluginError, type PluginErrorCode } from '@smtp-router/go-plugin/errors';
import { launchPlugin, PluginLaunchError, type PluginLaunchOptions } from '@smtp-router/go-plugin/host';
import { ExecutableStore, expectChecksum } from '@smtp-router/go-plugin/supervisor';
import { goProgram } from '../test/support/go-programs.ts';
import { isAlive } from '../test/support/processes.ts';
import { atEnd, scratchFolder } from '../test/support/scratch.ts';
import { GoHost } from './support/go-host.ts';
import { type dispenseKit, kitLaunch, launchKit } from './support/go-plugin-kit.ts';
import { PluginProcess, pluginCommand } from './support/plugin-process.ts';
import { type Exceptions, type Release, statement } from './support/statement.ts';

const OLD_RELEASES_SAY_THE_SAME: Exceptions = { '1.6.3': 'ours alone', '1.4.10': 'ours alone' };

describe('launch and handshake, host role', () => {
  statement(
    '1. The child receives the cookie, the port range, the versions and its socket directory, and no variable of a feature nobody asked for.',
    async (t, release) => {
      const { kit } = await launchKit(t, release, { versions: [1, 7] });
      const environment = await environmentOf(kit);
      assert.equal(environment.get('CONFORMANCE_PLUGIN'), 'yes');
      assert.equal(environment.get('PLUGIN_MIN_PORT'), '10000');
      assert.equal(environment.get('PLUGIN_MAX_PORT'), '25000');
      assert.equal(environment.get('PLUGIN_PROTOCOL_VERSIONS'), '1,7');
      const others = [...environment.keys()].filter((name) => name.startsWith('PLUGIN_'));
      assert.deepEqual(
        new Set(others),
        new Set(['PLUGIN_MAX_PORT', 'PLUGIN_MIN_PORT', 'PLUGIN_PROTOCOL_VERSIONS', 'PLUGIN_UNIX_SOCKET_DIR']),
      );
    },
  );

  statement(
    '2. No variable of the host outside of the allow-list reaches the child; a variable set for the plugin wins over an inherited one.',
    async (t, release) => {
      setVariable(t, 'HOST_SECRET', 'hunter2');
      setVariable(t, 'TZ', 'Europe/Paris');
      const { kit } = await launchKit(t, release, { environment: { TZ: 'UTC', OWN: 'own' } });
      const environment = await environmentOf(kit);
      assert.equal(environment.get('HOST_SECRET'), undefined);
      assert.deepEqual([environment.get('TZ'), environment.get('OWN')], ['UTC', 'own']);
    },
  );

  statement(
    '3. The plugin makes its socket in PLUGIN_UNIX_SOCKET_DIR when it is built on 1.5 or later, in TMPDIR before; our private directory is both.',
    async (t, release) => {
      const [wanted, temporary] = [await scratchFolder(t), await scratchFolder(t)];
      const command = await pluginCommand('Go', release);
      const env = { PLUGIN_UNIX_SOCKET_DIR: wanted, TMPDIR: temporary };
      const plugin = await PluginProcess.start(t, command, env);
      const [, , , path = ''] = await plugin.fields();
      assert.equal(dirname(path), release === '1.4.10' ? temporary : wanted);
      const { kit } = await launchKit(t, release);
      const environment = await environmentOf(kit);
      assert.equal(environment.get('PLUGIN_UNIX_SOCKET_DIR'), environment.get('TMPDIR'));
    },
  );

  statement(
    '4. A socket directory that is too long is refused before anything is started, where a Go plugin would end silently with status 0.',
    async (t, release) => {
      const folder = join(await scratchFolder(t), 'x'.repeat(100));
      mkdirSync(folder);
      const plugin = await PluginProcess.start(t, await pluginCommand('Go', release), {
        PLUGIN_UNIX_SOCKET_DIR: folder,
        TMPDIR: folder,
      });
      await plugin.exited;
      assert.deepEqual([plugin.child.exitCode, plugin.stdout], [0, '']);
      let processes = 0;
      const onProcess = (): void => {
        processes += 1;
      };
      const launch = await kitLaunch(release, { socketRoot: folder, onProcess });
      await assert.rejects(
        launchPlugin(launch),
        (error) => error instanceof PluginError && error.code === 'PLUGIN_SOCKET_PATH_TOO_LONG',
      );
      assert.equal(processes, 0);
    },
  );

  statement(
    '5. Lines of four, five, six and seven fields are accepted, blanks around them are trimmed, and four fields mean net/rpc.',
    async (t, release) => {
      const lines = [
        '{1}|{2}|{3}|{4}',
        '{1}|{2}|{3}|{4}|netrpc',
        '{1}|{2}|{3}|{4}|netrpc|',
        '{1}|{2}|{3}|{4}|netrpc||true',
        ' \t{1}|{2}|{3}|{4}|netrpc| ',
      ];
      for (const line of lines) {
        const { host, kit } = await launchKit(t, release, await rewritten(release, line));
        assert.equal(host.protocol, 'netrpc', line);
        assert.equal(await kit.call('Text', line), line);
        await host.kill();
      }
    },
  );

  statement(
    '6. Another core protocol, an unknown or unreadable version, an unknown network or protocol, and a bad certificate each have an error of their own that names the plugin; the child is gone.',
    async (_t, release) => {
      const faults: readonly (readonly [string, PluginErrorCode])[] = [
        ['2|{2}|{3}|{4}|netrpc|', 'PLUGIN_HANDSHAKE_CORE_VERSION'],
        ['{1}|9|{3}|{4}|netrpc|', 'PLUGIN_VERSION_UNSUPPORTED'],
        ['{1}|x|{3}|{4}|netrpc|', 'PLUGIN_HANDSHAKE_APP_VERSION'],
        ['{1}|{2}|udp|{4}|netrpc|', 'PLUGIN_HANDSHAKE_NETWORK'],
        ['{1}|{2}|{3}|{4}|soap|', 'PLUGIN_HANDSHAKE_PROTOCOL'],
        [`{1}|{2}|{3}|{4}|netrpc|${'x'.repeat(60)}`, 'PLUGIN_HANDSHAKE_CERTIFICATE'],
      ];
      for (const [line, code] of faults) {
        const { error, pid } = await failedLaunch(await kitLaunch(release, await rewritten(release, line)));
        assert.equal(error.code, code, `${line}: ${error.message}`);
        assert.match(error.message, /^Plugin "kit" \(/);
        assert.ok(!isAlive(pid), line);
      }
    },
    OLD_RELEASES_SAY_THE_SAME,
  );

  statement(
    '7. Something else than a handshake, an early exit and silence each have an error of their own, with status, last lines of stderr and what the file is.',
    async (t, release) => {
      const fault = await goProgram('interop', './cmd/fault-plugin');
      const garbage = await failedLaunch(
        await kitLaunch(release, { command: fault, args: ['-fault', 'garbage'] }),
      );
      assert.equal(garbage.error.code, 'PLUGIN_HANDSHAKE_UNRECOGNIZED');
      assert.match(garbage.error.message, /I am not a plugin.*an ELF program|a macOS program/);
      const handshake = { magicCookieKey: 'CONFORMANCE_PLUGIN', magicCookieValue: 'no' };
      const early = await failedLaunch(await kitLaunch(release, { handshake }));
      assert.equal(early.error.code, 'PLUGIN_EXITED_EARLY');
      assert.ok(early.error instanceof PluginLaunchError);
      assert.equal(early.error.exit.status, 1);
      assert.match(early.error.message, /status 1.*This binary is a plugin/);
      const silent = await failedLaunch(
        await kitLaunch(release, { command: fault, args: ['-fault', 'mute'], startTimeoutMs: 500 }),
      );
      assert.equal(silent.error.code, 'PLUGIN_START_TIMEOUT');
      for (const { pid } of [garbage, early, silent]) assert.ok(!isAlive(pid));
      t.diagnostic('a Go host waits 60 s for the line, ours 10 s unless told otherwise');
    },
    OLD_RELEASES_SAY_THE_SAME,
  );

  statement(
    '8. What a plugin writes to its real stdout after the handshake is read for ever: 1 MiB of it does not stop the plugin.',
    async (t, release) => {
      const { kit } = await launchKit(t, release);
      for (const Stream of ['stdout', 'stderr']) {
        await kit.call('Write', { Stream, Text: `${'x'.repeat(1023)}\n`, Count: 1024 });
      }
      assert.equal(await kit.call('Text', 'still there'), 'still there');
    },
  );

  statement(
    '9. A program whose checksum differs is not started; one that matches runs from a private copy nobody else can exchange.',
    async (t, release) => {
      const folder = await scratchFolder(t);
      const launch = await kitLaunch(release, { socketRoot: folder });
      const program = join(folder, 'program');
      copyFileSync(launch.command, program);
      const store = new ExecutableStore(join(folder, 'copies'));
      const prepareWith = (sha256: string) =>
        expectChecksum(() => store.prepare(program), { sha256, path: program });
      await assert.rejects(
        prepareWith('00'.repeat(32))(),
        (error) => error instanceof PluginError && error.code === 'PLUGIN_CHECKSUM_MISMATCH',
      );
      assert.deepEqual(readdirSync(join(folder, 'copies')), [], 'nothing is left that could be started');
      const sha256 = createHash('sha256').update(readFileSync(program)).digest('hex');
      const executable = await prepareWith(sha256)();
      const { copy = '' } = executable;
      rmSync(program);
      assert.notEqual(copy, program);
      assert.equal(statSync(dirname(copy)).mode & 0o077, 0, 'nobody else can reach the copy');
      const { kit } = await launchKit(t, release, { command: copy });
      assert.equal(await kit.call('Text', 'checked'), 'checked');
      await executable.dispose();
    },
    OLD_RELEASES_SAY_THE_SAME,
  );

  statement(
    '10. A program that is still open for writing is tried again until it is closed; one that stays open is an error, not an exception.',
    async (t, release) => {
      const { command } = await kitLaunch(release);
      const copy = join(await scratchFolder(t), 'plugin');
      copyFileSync(command, copy);
      let open: number | undefined = openSync(copy, 'r+');
      const close = (): void => {
        if (open !== undefined) closeSync(open);
        open = undefined;
      };
      atEnd(t, close);
      await assert.rejects(
        launchPlugin(await kitLaunch(release, { command: copy })),
        (error) => error instanceof PluginError && error.code === 'PLUGIN_FILE_BUSY',
      );
      const launching = launchKit(t, release, { command: copy });
      setTimeout(close, 100);
      const { kit } = await launching;
      assert.equal(await kit.call('Text', 'closed'), 'closed');
    },
    OLD_RELEASES_SAY_THE_SAME,
  );

  statement(
    '11. The highest version both sides have wins: of 1, 2, 3 and 2, 3, 4 it is 3, in both roles.',
    async (t, release) => {
      const args = ['-versions', '2,3,4'];
      const { host, kit } = await launchKit(t, release, { versions: [1, 2, 3], args });
      assert.deepEqual([host.appVersion, await kit.call('Version', true)], [3, 3]);
      const command = [...(await pluginCommand('ours', release)), '--versions', '2,3,4'];
      const goHost = await GoHost.run(t, release, { flags: ['-versions', '1,2,3'], command });
      const started = await goHost.do<{ version: number }>({ do: 'start' });
      await goHost.do({ do: 'dispense', name: 'kit' });
      assert.deepEqual([started.version, await goHost.call('Version', true)], [3, 3]);
    },
  );

  statement(
    '12. Without a common version the host refuses the plugin, naming what both sides have, in both roles.',
    async (t, release) => {
      const args = ['-versions', '2,3'];
      const { error, pid } = await failedLaunch(await kitLaunch(release, { versions: [8, 9], args }));
      assert.equal(error.code, 'PLUGIN_VERSION_UNSUPPORTED');
      assert.match(error.message, /serves version 2, this host speaks 8, 9\./);
      assert.ok(!isAlive(pid));
      const command = [...(await pluginCommand('ours', release)), '--versions', '2,3'];
      const goHost = await GoHost.run(t, release, { flags: ['-versions', '8,9'], command });
      await assert.rejects(goHost.do({ do: 'start' }), /(?=.*ncompatible API version.*2)(?=.*[89])/s);
    },
  );
});

async function environmentOf(kit: Awaited<ReturnType<typeof dispenseKit>>): Promise<Map<string, string>> {
  const lines = await kit.call('Environment', true);
  assert.ok(Array.isArray(lines));
  return new Map(
    lines.map((line) => {
      const [name = '', ...value] = String(line).split('=');
      return [name, value.join('=')] as const;
    }),
  );
}

function setVariable(t: TestContext, name: string, value: string): void {
  const before = process.env[name];
  process.env[name] = value;
  t.after(() => {
    if (before === undefined) delete process.env[name];
    else process.env[name] = before;
  });
}

/** The Go plugin of a release with another handshake line. */
async function rewritten(release: Release, template: string): Promise<Partial<PluginLaunchOptions>> {
  const command = join(import.meta.dirname, 'plugins/rewrite-line.sh');
  return { command, args: [template, ...(await pluginCommand('Go', release))] };
}

/** The error of a launch that must fail, and the process it started. */
async function failedLaunch(
  launch: PluginLaunchOptions,
): Promise<{ readonly error: PluginError; readonly pid: number }> {
  let pid = 0;
  const outcome = await launchPlugin({
    ...launch,
    onProcess: (process) => {
      pid = process.pid;
    },
  }).then(
    () => undefined,
    (error: unknown) => error,
  );
  assert.ok(outcome instanceof PluginError, String(outcome));
  return { error: outcome, pid };
}
