import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import test, { type TestContext } from 'node:test';
import { parseHandshakeLine } from '../../src/handshake/parse-handshake-line.ts';
import { mutualTls } from '../../src/transport/mutual-tls.ts';
import { createTlsIdentity } from '../../src/transport/tls-identity.ts';
import { eventually, isAlive, temporaryDirectory } from '../fixtures/plugin-fixture.ts';

const PLUGINS = join(import.meta.dirname, '..', 'fixtures', 'plugins');

interface Served {
  readonly child: ChildProcess & { readonly pid: number };
  readonly directory: string;
  readonly stdout: () => string;
  readonly stderr: () => string;
  readonly exited: Promise<unknown[]>;
}

/** Runs the fixture below the variables a host sets. */
function serve(context: TestContext, variables: Record<string, string | undefined> = {}): Served {
  const directory = temporaryDirectory(context);
  const env = {
    PATH: process.env['PATH'],
    SMTP_ROUTER_PLUGIN: 'hello',
    PLUGIN_MIN_PORT: '10000',
    PLUGIN_MAX_PORT: '25000',
    PLUGIN_PROTOCOL_VERSIONS: '1,2,3',
    PLUGIN_UNIX_SOCKET_DIR: directory,
    ...variables,
  };
  const child = spawn(process.execPath, [join(PLUGINS, 'serves.mjs')], {
    env,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  context.after(() => child.kill('SIGKILL'));
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => (stdout += chunk));
  child.stderr.on('data', (chunk) => (stderr += chunk));
  assert.ok(child.pid !== undefined);
  return {
    child: Object.assign(child, { pid: child.pid }),
    directory,
    stdout: () => stdout,
    stderr: () => stderr,
    exited: once(child, 'close'),
  };
}

/** Waits for the handshake line and connects. */
async function connected(
  context: TestContext,
  served: Served,
): Promise<{ socket: Socket; path: string; version: number }> {
  await eventually('the handshake line', () => served.stdout().includes('\n'));
  const parse = parseHandshakeLine(Buffer.from(served.stdout()));
  assert.ok(parse.kind === 'handshake', served.stdout());
  const { address, appVersion } = parse.line;
  const socket = address.network === 'unix' ? connect(address.path) : connect(address.port, address.host);
  context.after(() => socket.destroy());
  await once(socket, 'connect');
  return { socket, path: address.network === 'unix' ? address.path : '', version: appVersion };
}

test('stdout carries the handshake line and nothing else, even when modules print while they load', async (context) => {
  const served = serve(context);
  const { socket, path } = await connected(context, served);
  socket.write('print');
  await eventually('the log line', () => served.stderr().includes('from the logger'));
  assert.equal(served.stdout(), `1|3|unix|${path}|netrpc|\n`);
  assert.match(served.stderr(), /^loaded\nearly bytes\n/);
});

test('what the plugin prints travels by the connection, its log by the real stderr', async (context) => {
  const served = serve(context);
  const { socket } = await connected(context, served);
  let received = '';
  socket.on('data', (chunk) => (received += chunk));
  socket.write('print');
  // Two streams and the real stderr: nothing says which of them arrives first.
  const printed = ['stdout:from console.log\n', 'stdout:from stdout.write\n', 'stderr:from console.error\n'];
  await eventually('all prints', () => printed.every((line) => received.includes(line)));
  await eventually('the log line', () => /^\{.*\}\n/m.test(served.stderr()));
  const record = JSON.parse(
    served
      .stderr()
      .split('\n')
      .find((line) => line.startsWith('{')) ?? '',
  );
  assert.equal(record['@level'], 'warn');
  assert.equal(record['@module'], 'fixture');
  assert.equal(record.answer, 42);
});

for (const [variables, version, who] of [
  [{ PLUGIN_PROTOCOL_VERSIONS: '1,2' }, 2, 'two'],
  [{ PLUGIN_PROTOCOL_VERSIONS: '9,8' }, 2, 'two'],
  [{ PLUGIN_PROTOCOL_VERSIONS: 'x,3' }, 3, 'three'],
] as const) {
  test(`a host speaking ${variables.PLUGIN_PROTOCOL_VERSIONS} is served version ${version}`, async (context) => {
    const served = serve(context, variables);
    const { socket, version: chosen } = await connected(context, served);
    assert.equal(chosen, version);
    socket.write('selector');
    const [answer] = await once(socket, 'data');
    assert.equal(String(answer), `dispensed:${who}\n`);
  });
}

test('names that are not served, those of object prototypes included, are not dispensed', async (context) => {
  const { socket } = await connected(context, serve(context));
  for (const name of ['nothing', 'constructor', '__proto__']) {
    socket.write(name);
    const [answer] = await once(socket, 'data');
    assert.equal(String(answer), 'dispensed:undefined\n');
  }
});

test('the seventh field is printed only for a host that asks', async (context) => {
  const served = serve(context, { PLUGIN_MULTIPLEX_GRPC: 'true' });
  await connected(context, served);
  assert.match(served.stdout(), /\|netrpc\|\|true\n$/);
});

test('Quit removes the socket and ends the process with status 0, whatever it still has open', async (context) => {
  const served = serve(context);
  const { socket, path } = await connected(context, served);
  assert.equal(existsSync(path), true);
  socket.write('quit');
  assert.deepEqual(await served.exited, [0, null]);
  assert.equal(existsSync(path), false);
  assert.match(served.stderr(), /service ended/);
});

test('SIGINT is ignored, SIGTERM ends the process and removes the socket', async (context) => {
  const served = serve(context);
  const { socket, path } = await connected(context, served);
  served.child.kill('SIGINT');
  socket.write('selector');
  await once(socket, 'data');
  served.child.kill('SIGTERM');
  assert.deepEqual(await served.exited, [null, 'SIGTERM']);
  assert.equal(existsSync(path), false);
});

test('the end of stdin ends nothing', async (context) => {
  const served = serve(context);
  const { socket } = await connected(context, served);
  served.child.stdin?.end();
  socket.write('selector');
  const [answer] = await once(socket, 'data');
  assert.equal(String(answer), 'dispensed:three\n');
});

test('a plugin ends by itself when its host is killed', async (context) => {
  const directory = temporaryDirectory(context);
  const host = spawn(
    process.execPath,
    [join(PLUGINS, 'dies-leaving-plugin.mjs'), join(PLUGINS, 'serves.mjs')],
    {
      env: { PATH: process.env['PATH'], SMTP_ROUTER_PLUGIN: 'hello', PLUGIN_UNIX_SOCKET_DIR: directory },
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
  context.after(() => host.kill('SIGKILL'));
  const [said] = await once(host.stdout, 'data');
  const [pid = '', line = ''] = String(said).split(' ');
  const plugin = Number(pid);
  context.after(() => isAlive(plugin) && process.kill(plugin, 'SIGKILL'));
  assert.ok(isAlive(plugin));
  host.stdin.write('die');
  await eventually('the plugin is gone', () => !isAlive(plugin));
  assert.equal(existsSync(line.split('|')[3] ?? ''), false);
});

for (const [why, variables, message] of [
  ['the cookie is wrong', { SMTP_ROUTER_PLUGIN: 'hallo' }, /This program is a plugin/],
  ['the cookie is missing', { SMTP_ROUTER_PLUGIN: undefined }, /This program is a plugin/],
  ['the certificate of its host is none', { PLUGIN_CLIENT_CERT: 'true' }, /PLUGIN_CLIENT_CERT/],
  ['its own cookie is empty', { COOKIE_VALUE: '' }, /misconfigured/],
  ['its directory is missing', { PLUGIN_UNIX_SOCKET_DIR: '/nonexistent' }, /cannot be listened on/],
  [
    'its socket path is too long',
    { PLUGIN_UNIX_SOCKET_DIR: `/tmp/${'x'.repeat(100)}` },
    /longer than the \d+ bytes/,
  ],
] as const) {
  test(`the plugin says so on stderr and exits with 1 when ${why}`, async (context) => {
    const served = serve(context, { PLUGIN_PROTOCOL_VERSIONS: '1', ...variables });
    assert.deepEqual(await served.exited, [1, null]);
    assert.equal(served.stdout(), '');
    assert.match(served.stderr(), message);
  });
}

test('a plugin forced to TCP listens on loopback inside the range and skips ports in use', async (context) => {
  const { server, port } = await busyPort(context);
  const served = serve(context, {
    NETWORK: 'tcp',
    PLUGIN_MIN_PORT: String(port),
    PLUGIN_MAX_PORT: String(port + 50),
  });
  await connected(context, served);
  const used = Number(/\|tcp\|127\.0\.0\.1:(\d+)\|/.exec(served.stdout())?.[1]);
  assert.ok(used > port && used <= port + 50, served.stdout());
  server.close();
});

test('a plugin whose whole range is in use says so', async (context) => {
  const { port } = await busyPort(context);
  const served = serve(context, {
    NETWORK: 'tcp',
    PLUGIN_MIN_PORT: String(port),
    PLUGIN_MAX_PORT: String(port),
  });
  assert.deepEqual(await served.exited, [1, null]);
  assert.match(served.stderr(), /no port from/);
});

test('without a range any free port is taken', async (context) => {
  const served = serve(context, { NETWORK: 'tcp', PLUGIN_MIN_PORT: undefined, PLUGIN_MAX_PORT: undefined });
  await connected(context, served);
});

test('the socket is given to the group the host names', {
  skip: process.getgid === undefined,
}, async (context) => {
  const gid = process.getgid?.() ?? 0;
  const served = serve(context, { PLUGIN_UNIX_SOCKET_GROUP: String(gid) });
  const { path } = await connected(context, served);
  assert.equal(statSync(path).gid, gid);
  assert.equal(statSync(path).mode & 0o777, 0o660);
});

test('an unknown group is refused by name', async (context) => {
  const served = serve(context, { PLUGIN_UNIX_SOCKET_GROUP: 'no-such-group' });
  assert.deepEqual(await served.exited, [1, null]);
  assert.match(served.stderr(), /there is no group no-such-group/);
});

test('older hosts name the directory by TMPDIR', async (context) => {
  const directory = join(temporaryDirectory(context), 'tmp');
  mkdirSync(directory);
  const served = serve(context, { PLUGIN_UNIX_SOCKET_DIR: undefined, TMPDIR: directory });
  const { path } = await connected(context, served);
  assert.ok(path.startsWith(directory));
});

async function busyPort(context: TestContext) {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.after(() => server.close());
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  return { server, port: address.port };
}

/** What a program that prints and only imports the library leaves on stdout. */
function printedBelow(host: Readonly<Record<string, string>>): Promise<string> {
  const script = `import ${JSON.stringify(join(PLUGINS, '../../../src/plugin/hold-stdout.ts'))}; console.log('hello');`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    env: { PATH: process.env['PATH'], ...host },
  });
  return text(child.stdout);
}

test('a program that only imports the library below no host keeps its stdout', async () => {
  assert.equal(await printedBelow({}), 'hello\n');
});

test('a program prints nothing on stdout below a host, however old', async () => {
  assert.equal(await printedBelow({ PLUGIN_PROTOCOL_VERSIONS: '1' }), '');
  assert.equal(await printedBelow({ PLUGIN_MIN_PORT: '10000' }), '');
});

test('a host that shows a certificate is shown one, and nobody else is served', async (context) => {
  const own = createTlsIdentity(Date.now());
  const served = serve(context, { PLUGIN_CLIENT_CERT: own.certificatePem });
  const { socket } = await connected(context, served);
  const parse = parseHandshakeLine(Buffer.from(served.stdout()));
  assert.ok(parse.kind === 'handshake' && parse.line.certificate !== undefined);
  assert.doesNotMatch(served.stdout(), /=/, 'the base64 is not padded');
  const secured = await mutualTls({ own, peerCertificate: parse.line.certificate }).dialled(socket);
  secured.write('selector');
  const [answer] = await once(secured, 'data');
  assert.equal(String(answer), 'dispensed:three\n');

  const { socket: inClear } = await connected(context, served);
  inClear.write('selector');
  inClear.resume();
  await once(inClear, 'close');
  await eventually('the refusal in the log', () => served.stderr().includes('a connection was refused'));
});
