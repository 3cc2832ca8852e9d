import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { failedStart, launch, refusal } from '../fixtures/failed-start.ts';
import {
  endNow,
  eventually,
  fixtureLaunch,
  isAlive,
  leftovers,
  temporaryDirectory,
} from '../fixtures/plugin-fixture.ts';

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
  test(`a child that holds the pipes of a dead plugin delays nothing, and ends with it (${how})`, async (context) => {
    const error = await failedStart(context, ['holds-stdout', how]);
    assert.equal(error.code, 'PLUGIN_EXITED_EARLY');
    const child = Number(error.exit.lastLines[0]?.replace('child ', ''));
    assert.ok(child > 0);
    if (how === 'escape' && process.platform !== 'linux') process.kill(child, 'SIGKILL');
    await eventually('the child is gone', () => !isAlive(child));
  });
}

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
    'PATH HOME TZ LANG LC_TIME LC_ALL LC_CTYPE SSL_CERT_FILE SSL_CERT_DIR KEY TMPDIR SMTP_ROUTER_PLUGIN PLUGIN_MIN_PORT PLUGIN_MAX_PORT PLUGIN_PROTOCOL_VERSIONS PLUGIN_UNIX_SOCKET_DIR PLUGIN_CLIENT_CERT'.split(
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
