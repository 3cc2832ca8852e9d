import assert from 'node:assert/strict';
import { chmodSync, closeSync, copyFileSync, mkdirSync, openSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { PluginError, type PluginErrorCode } from '../../src/errors.ts';
import { launchPluginWith } from '../../src/host/launch-plugin-with.ts';
import { PluginLaunchError } from '../../src/host/plugin-launch-error.ts';
import type { PluginLaunchOptions } from '../../src/host/plugin-launch-options.ts';
import {
  endNow,
  eventually,
  fixtureLaunch,
  isAlive,
  leftovers,
  temporaryDirectory,
} from '../fixtures/plugin-fixture.ts';
import { silentConnection } from '../fixtures/silent-connection.ts';

const launch = (options: PluginLaunchOptions) => launchPluginWith(options, silentConnection);

async function refusal(options: PluginLaunchOptions): Promise<PluginError> {
  const error = await launch(options).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof PluginError, String(error));
  return error;
}

/** Launches a fixture that must fail; checks that process and directory are gone. */
async function failedStart(
  context: TestContext,
  plugin: readonly [name: string, ...args: string[]],
  options: Partial<PluginLaunchOptions> = {},
): Promise<PluginLaunchError> {
  const given = fixtureLaunch(context, ...plugin);
  let pid = 0;
  const error = await refusal({
    ...given,
    ...options,
    onProcess: (process) => {
      pid = process.pid;
    },
  });
  assert.ok(error instanceof PluginLaunchError, error.message);
  assert.ok(pid > 0 && !isAlive(pid));
  assert.deepEqual(leftovers(given), []);
  return error;
}

const WRONG_LINES: readonly (readonly [string, PluginErrorCode])[] = [
  ['hello world\n', 'PLUGIN_HANDSHAKE_UNRECOGNIZED'],
  ['\n1|1|unix|/tmp/p|netrpc|\n', 'PLUGIN_HANDSHAKE_UNRECOGNIZED'],
  ['1|1|unix\n', 'PLUGIN_HANDSHAKE_UNRECOGNIZED'],
  ['2|1|unix|/tmp/p|netrpc|\n', 'PLUGIN_HANDSHAKE_CORE_VERSION'],
  ['1|x|unix|/tmp/p|netrpc|\n', 'PLUGIN_HANDSHAKE_APP_VERSION'],
  ['1|9|unix|/tmp/p|netrpc|\n', 'PLUGIN_VERSION_UNSUPPORTED'],
  ['1|1|udp|/tmp/p|netrpc|\n', 'PLUGIN_HANDSHAKE_NETWORK'],
  ['1|1|unix||netrpc|\n', 'PLUGIN_HANDSHAKE_ADDRESS'],
  ['1|1|unix|relative|netrpc|\n', 'PLUGIN_HANDSHAKE_ADDRESS'],
  [`1|1|unix|/${'x'.repeat(200)}|netrpc|\n`, 'PLUGIN_HANDSHAKE_ADDRESS'],
  ['1|1|unix|/tmp/p|http|\n', 'PLUGIN_HANDSHAKE_PROTOCOL'],
  ['1|1|unix|/tmp/p|grpc|\n', 'PLUGIN_PROTOCOL_UNSUPPORTED'],
  [`1|1|unix|/tmp/p|netrpc|${'x'.repeat(60)}\n`, 'PLUGIN_HANDSHAKE_CERTIFICATE'],
  ['1|1|unix|/tmp/p|netrpc||maybe\n', 'PLUGIN_HANDSHAKE_MULTIPLEX'],
  ['1|1|unix|/nonexistent/p|netrpc|\n', 'PLUGIN_CONNECT_FAILED'],
  ['1|1|unix|/dev/null|netrpc|\n', 'PLUGIN_SOCKET_UNTRUSTED'],
  ['1|1|tcp|127.0.0.1:9|netrpc|\n', 'PLUGIN_TCP_REFUSED'],
  ['1|1|tcp|192.0.2.1:9|netrpc|\n', 'PLUGIN_TCP_REFUSED'],
];

for (const [line, code] of WRONG_LINES) {
  test(`the first line ${JSON.stringify(line.slice(0, 40))} ends the start with ${code}`, async (context) => {
    const error = await failedStart(context, ['prints', line]);
    assert.equal(error.code, code);
    assert.match(error.message, /^Plugin "prints" /);
  });
}

test('a version mismatch names both sides', async (context) => {
  const error = await failedStart(context, ['prints', '1|9|unix|/tmp/p|netrpc|\n'], { versions: [1, 2] });
  assert.match(error.message, /serves version 9, this host speaks 1, 2/);
});

test('a first line of 10 MiB is refused without being kept', async (context) => {
  assert.equal((await failedStart(context, ['long-line'])).code, 'PLUGIN_HANDSHAKE_TOO_LONG');
});

test('a plugin that never handshakes is given up after the start time-out', async (context) => {
  const error = await failedStart(context, ['silent'], { startTimeoutMs: 100 });
  assert.equal(error.code, 'PLUGIN_START_TIMEOUT');
  assert.equal(error.temporary, true);
});

test('a start can be given up by its caller', async (context) => {
  const controller = new AbortController();
  const aborted = failedStart(context, ['silent'], { signal: controller.signal });
  setImmediate(() => controller.abort());
  assert.equal((await aborted).code, 'PLUGIN_START_ABORTED');
});

test('a plugin that exits at once is reported with status and last words', async (context) => {
  const error = await failedStart(context, ['exits', '3']);
  assert.equal(error.code, 'PLUGIN_EXITED_EARLY');
  assert.match(
    error.message,
    /exited with status 3 before its handshake\. Its stderr: "no licence" "second line"/,
  );
  assert.equal(error.exit.status, 3);
  assert.deepEqual(error.exit.lastLines, ['no licence', 'second line']);
});

test('a panic while starting is kept whole', async (context) => {
  const error = await failedStart(context, ['panics']);
  assert.equal(error.exit.panic, 'panic: assignment to nil map\n\ngoroutine 1 [running]:\nmain.main()');
  assert.match(error.message, /"panic: assignment to nil map"/);
});

for (const how of ['stay', 'escape']) {
  test(`a child that holds the pipes of a dead plugin delays nothing (${how})`, async (context) => {
    const error = await failedStart(context, ['holds-stdout', how]);
    assert.equal(error.code, 'PLUGIN_EXITED_EARLY');
    const child = Number(error.exit.lastLines[0]?.replace('child ', ''));
    assert.ok(child > 0);
    if (how === 'escape') process.kill(child, 'SIGKILL');
    await eventually('the child is gone', () => !isAlive(child));
  });
}

test('a missing file is refused with its path before anything is left behind', async (context) => {
  const given = fixtureLaunch(context, 'silent');
  const error = await refusal({ ...given, command: '/nonexistent/my-plugin' });
  assert.equal(error.code, 'PLUGIN_FILE_NOT_FOUND');
  assert.match(
    error.message,
    /^\/nonexistent\/my-plugin does not exist; correct the path or build the plugin\.$/,
  );
  assert.deepEqual(leftovers(given), []);
});

test('a name that is not in PATH is refused', async (context) => {
  const error = await refusal({ ...fixtureLaunch(context, 'silent'), command: 'no-such-program-here' });
  assert.equal(error.code, 'PLUGIN_FILE_NOT_FOUND');
  assert.match(error.message, /not in PATH/);
});

test('a missing working directory is told apart from a missing file', async (context) => {
  const error = await refusal({ ...fixtureLaunch(context, 'silent'), workingDirectory: '/nonexistent' });
  assert.equal(error.code, 'PLUGIN_FILE_NOT_FOUND');
  assert.match(error.message, /working directory \/nonexistent/);
});

test('a missing interpreter is told apart from a missing file', async (context) => {
  const script = join(temporaryDirectory(context), 'plugin');
  writeFileSync(script, '#!/nonexistent/interpreter\n', { mode: 0o755 });
  const error = await refusal({ ...fixtureLaunch(context, 'silent'), command: script });
  assert.equal(error.code, 'PLUGIN_FILE_NOT_FOUND');
  assert.match(error.message, /interpreter/);
});

test('a file without execute permission is refused with what to do', async (context) => {
  const script = join(temporaryDirectory(context), 'plugin');
  writeFileSync(script, '#!/bin/sh\n', { mode: 0o644 });
  const error = await refusal({ ...fixtureLaunch(context, 'silent'), command: script });
  assert.equal(error.code, 'PLUGIN_FILE_NOT_EXECUTABLE');
  assert.match(error.message, /chmod \+x/);
});

test('a program for another processor is named as such', async (context) => {
  const file = join(temporaryDirectory(context), 'plugin');
  const head = Buffer.alloc(64);
  head.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  head.writeUInt16LE(process.arch === 'arm64' ? 0x3e : 0xb7, 18);
  writeFileSync(file, head, { mode: 0o755 });
  const error = await refusal({ ...fixtureLaunch(context, 'silent'), command: file });
  assert.match(error.message, /this machine/);
});

test('a file that is still being written is tried again', {
  skip: process.platform !== 'linux',
}, async (context) => {
  const program = join(temporaryDirectory(context), 'plugin');
  copyFileSync('/bin/sh', program);
  chmodSync(program, 0o755);
  const writer = openSync(program, 'r+');
  const given = fixtureLaunch(context, 'silent');
  const started = refusal({ ...given, command: program, args: ['-c', 'echo late >&2; exit 7'] });
  setTimeout(() => closeSync(writer), 50);
  const error = await started;
  assert.equal(error.code, 'PLUGIN_EXITED_EARLY');
});

test('a file that stays open for writing is refused in the end', {
  skip: process.platform !== 'linux',
}, async (context) => {
  const program = join(temporaryDirectory(context), 'plugin');
  copyFileSync('/bin/sh', program);
  chmodSync(program, 0o755);
  const writer = openSync(program, 'r+');
  context.after(() => closeSync(writer));
  const error = await refusal({ ...fixtureLaunch(context, 'silent'), command: program });
  assert.equal(error.code, 'PLUGIN_FILE_BUSY');
});

test('a socket directory too long for the system is refused before anything runs', async (context) => {
  const root = join(temporaryDirectory(context), 'x'.repeat(90));
  mkdirSync(root);
  let isStarted = false;
  const error = await refusal({
    ...fixtureLaunch(context, 'silent'),
    socketRoot: root,
    onProcess: () => {
      isStarted = true;
    },
  });
  assert.equal(error.code, 'PLUGIN_SOCKET_PATH_TOO_LONG');
  assert.equal(isStarted, false);
});

test('a missing socket root is refused by name', async (context) => {
  const error = await refusal({ ...fixtureLaunch(context, 'silent'), socketRoot: '/nonexistent' });
  assert.equal(error.code, 'PLUGIN_SOCKET_DIRECTORY_FAILED');
  assert.match(error.message, /\/nonexistent/);
});

test('a symbolic link in place of the socket is not followed', async (context) => {
  const directory = temporaryDirectory(context);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(join(directory, 'real'), resolve));
  context.after(() => server.close());
  symlinkSync(join(directory, 'real'), join(directory, 'link'));
  const error = await failedStart(context, ['prints', `1|1|unix|${join(directory, 'link')}|netrpc|\n`]);
  assert.equal(error.code, 'PLUGIN_SOCKET_UNTRUSTED');
});

test('loopback TCP in clear is taken when allowed', async (context) => {
  const server = createServer((socket) => socket.resume());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(() => server.close());
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  const line = `1|1|tcp|127.0.0.1:${address.port}|netrpc|\n`;
  const plugin = await launch({ ...fixtureLaunch(context, 'prints', line), allowLoopbackTcp: true });
  await endNow(plugin);
});

for (const [name, options] of Object.entries({
  'an empty command': { command: '' },
  'a NUL in the command': { command: 'a\0b' },
  'a NUL in an argument': { args: ['a\0b'] },
  'a NUL in the environment': { environment: { A: '\0' } },
  'an empty cookie': { handshake: { magicCookieKey: 'X', magicCookieValue: '' } },
  'no versions': { versions: [] },
})) {
  test(`${name} is refused before anything runs`, async (context) => {
    const error = await refusal({ ...fixtureLaunch(context, 'silent'), ...options });
    assert.equal(error.code, 'PLUGIN_COMMAND_INVALID');
  });
}

test('a plugin gets the allow-list, its own variables and the protocol’s, and nothing else', async (context) => {
  process.env['SECRET_OF_THE_HOST'] = 's3cret';
  process.env['LC_TIME'] = 'C';
  context.after(() => {
    delete process.env['SECRET_OF_THE_HOST'];
    delete process.env['LC_TIME'];
  });
  const given = fixtureLaunch(context, 'tells-environment');
  await refusal({ ...given, environment: { HOME: '/plugin-home', KEY: 'value', TMPDIR: '/elsewhere' } });
  const [output] = given.outputs;
  assert.ok(output?.kind === 'log');
  const environment = Object.fromEntries(output.record.pairs);
  const allowed = new Set(
    'PATH HOME TZ LANG LC_TIME LC_ALL LC_CTYPE SSL_CERT_FILE SSL_CERT_DIR KEY TMPDIR SMTP_ROUTER_PLUGIN PLUGIN_MIN_PORT PLUGIN_MAX_PORT PLUGIN_PROTOCOL_VERSIONS PLUGIN_UNIX_SOCKET_DIR'.split(
      ' ',
    ),
  );
  assert.deepEqual(
    Object.keys(environment).filter((name) => !allowed.has(name) && !name.startsWith('LC_')),
    [],
  );
  assert.equal(environment['HOME'], '/plugin-home');
  assert.equal(environment['KEY'], 'value');
  assert.equal(environment['TMPDIR'], environment['PLUGIN_UNIX_SOCKET_DIR']);
  assert.equal(environment['PLUGIN_PROTOCOL_VERSIONS'], '1');
  assert.equal(environment['LC_TIME'], 'C');
});

test('a handshake line that comes byte by byte is read', async (context) => {
  const given = fixtureLaunch(context, 'cut-line');
  const plugin = await launch(given);
  assert.equal(plugin.appVersion, 1);
  assert.equal(plugin.protocol, 'netrpc');
  await endNow(plugin);
  assert.deepEqual(leftovers(given), []);
});

test('floods on stdout and stderr are drained, dropped beyond the rate and counted', async (context) => {
  const given = fixtureLaunch(context, 'flood');
  const plugin = await launch(given);
  const isOver = () =>
    given.outputs.some((output) => output.kind === 'log' && output.record.message === 'flood is over');
  await eventually('the flood is over', isOver);
  await endNow(plugin);
  const dropped = given.outputs.reduce(
    (sum, output) => sum + (output.kind === 'dropped' ? output.bytes : 0),
    0,
  );
  assert.ok(dropped > 30 * 1024 * 1024, String(dropped));
  assert.ok(given.outputs.length < 20_000, String(given.outputs.length));
});
