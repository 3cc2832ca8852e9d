/** `smtp-router serve` as a process of its own: how it starts, what it refuses, how it ends. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { afterEach, describe, test } from 'node:test';
import { examplePlugin, fixturePath } from '../support/fixture-path.ts';
import { MailClient } from '../support/mail-client.ts';
import { MailSink } from '../support/mail-sink.ts';
import { RunningCommand, runCommand } from '../support/run-command.ts';
import { TemporaryDirectory } from '../support/temporary-directory.ts';
import { configText, LOGIN, type TestRouterOptions } from '../support/test-router.ts';

const closers: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

async function sinkNow(): Promise<MailSink> {
  const sink = await MailSink.open();
  closers.push(() => sink.close());
  return sink;
}

/** A configuration file of its own directory. */
async function configFile(options: TestRouterOptions = {}): Promise<string> {
  const directory = new TemporaryDirectory();
  closers.push(() => directory.remove());
  const file = directory.file('config.yaml');
  writeFileSync(file, configText({ sinks: [await sinkNow()], ...options }));
  return file;
}

function serve(file: string, ...args: readonly string[]): RunningCommand {
  const running = new RunningCommand(['serve', '-c', file, ...args]);
  closers.push(() => running.kill());
  return running;
}

async function listening(running: RunningCommand): Promise<string> {
  const [, address = ''] = await running.until(/listens on ([\w.]+:\d+)/);
  return address;
}

describe('a router that starts', () => {
  test('says where it listens, relays, answers commands and drains on SIGTERM', async () => {
    const sink = await sinkNow();
    const file = await configFile({ sinks: [sink], selector: examplePlugin() });
    const running = serve(file);
    const client = await MailClient.open(await listening(running), LOGIN);
    assert.match(await client.send(), /^250 /);

    const mail = ['send', '-c', file, '--user', LOGIN.user.toUpperCase(), '--to', 'x@example.org'];
    const sent = await runCommand(mail);
    assert.equal(sent.code, 0, sent.stderr);
    assert.match(
      sent.stdout,
      /chose one: .*\n1\. one, dot, \d+ ms: delivered, 250 2\.0\.0 taken\n250 2\.0\.0 /,
    );
    assert.match(sink.mails.at(-1)?.content ?? '', /^Received: by .*\r\n id \w+\r\n for <x@example\.org>; /);

    sink.replies.rcpt = () => '550 5.1.1 no such user';
    const refused = await runCommand([...mail, '--json']);
    assert.equal(refused.code, 1);
    assert.match(JSON.stringify(JSON.parse(refused.stdout)), /"code":550.*no such user/);
    sink.replies.rcpt = () => '451 4.2.0 later';
    assert.equal((await runCommand(mail)).code, 75);
    delete sink.replies.rcpt;

    const before = sink.mails.length;
    const told = await runCommand(['explain', ...mail.slice(1)]);
    assert.equal(told.code, 0, told.stderr);
    assert.match(
      told.stdout,
      /chose one: .*\nto x@example\.org\n {2}1\. one \(127\.0\.0\.1:\d+, up\): would be tried first\nThe client hears what/,
    );
    assert.equal(sink.mails.length, before);
    const cases = file.replace('config.yaml', 'cases.yaml');
    await runCommand(['explain', ...mail.slice(1), '--record', cases]);
    const tested = await runCommand(['plugin', 'test', examplePlugin(), '--cases', cases]);
    assert.equal(tested.code, 0, tested.stdout);
    assert.match(tested.stdout, /recorded for x@example\.org\n1 case, all as expected\n$/);

    const wrong = await runCommand(['send', '-c', file, '--user', 'nobody', '--to', 'x@example.org']);
    assert.equal(wrong.code, 75);
    assert.match(wrong.stderr, /There is no user "nobody"; known are app@example\.com/);

    const status = await runCommand(['status', '-c', file]);
    assert.equal(status.code, 0);
    assert.match(status.stdout, /: serving since .*\nlistens on .*\nplugin .*: ready, process \d+/);

    running.child.kill('SIGTERM');
    assert.match(await client.reply(), /^421 /);
    const { code, stderr } = await running.ended;
    assert.equal(code, 0, stderr);
    assert.match(stderr, /SIGTERM: no new mail/);
    assert.equal(existsSync(file.replace('config.yaml', 'state/router.lock')), false);
  });

  test('lets a transaction end that was under way at SIGTERM', async () => {
    const sink = await sinkNow();
    const running = serve(await configFile({ sinks: [sink] }));
    const client = await MailClient.open(await listening(running), LOGIN);
    await client.say('MAIL FROM:<a@example.com>');
    await client.say('RCPT TO:<b@example.org>');
    assert.match(await client.say('DATA'), /^354/);
    running.child.kill('SIGTERM');
    await running.until(/SIGTERM: no new mail/);
    assert.match(await client.say('Subject: x\r\n\r\nlast words\r\n.'), /^250 /);
    assert.match(await client.reply(), /^421 /);
    assert.equal((await running.ended).code, 0);
    assert.equal(sink.mails.length, 1);
  });

  test('ends at once at the second signal', async () => {
    const running = serve(await configFile());
    const client = await MailClient.open(await listening(running), LOGIN);
    await client.say('MAIL FROM:<a@example.com>');
    running.child.kill('SIGINT');
    await running.until(/SIGINT: no new mail/);
    running.child.kill('SIGINT');
    const { code, stderr } = await running.ended;
    assert.equal(code, 1);
    assert.match(stderr, /ending at once/);
    client.drop();
  });

  test('ends in order when the signal comes while it starts', async () => {
    const plugin = JSON.stringify(fixturePath('silent.mjs'));
    const yaml = `selectors: { silent: { plugin: ${plugin}, start_timeout: 2s } }`;
    const file = await configFile({ selector: 'silent', yaml });
    const running = serve(file);
    await running.until(/router is starting/);
    running.child.kill('SIGTERM');
    await running.until(/SIGTERM: no new mail/);
    assert.doesNotMatch(running.stderr, /listens on/);
    const { code, stderr } = await running.ended;
    assert.equal(code, 0, stderr);
    assert.equal(existsSync(file.replace('config.yaml', 'state/router.lock')), false);
  });

  test('listens where --listen says', async () => {
    const running = serve(await configFile(), '--listen', 'localhost:0');
    assert.match(await listening(running), /^(?:127\.0\.0\.1|localhost):[1-9]\d*$/);
  });

  test('is alone in its state_dir', async () => {
    const file = await configFile();
    await listening(serve(file));
    const { code, stderr } = await runCommand(['serve', '-c', file]);
    assert.equal(code, 75);
    assert.match(
      stderr,
      /^error: Another router \(process \d+\) uses .*state; stop .* \[ROUTER_ALREADY_RUNNING\]\n$/,
    );
  });
});

describe('a router that cannot start', () => {
  test('ends with 78 and every problem of the configuration', async () => {
    const { code, stderr } = await runCommand([
      'serve',
      '-c',
      await configFile({ yaml: 'hostnam: x\nretry: 5' }),
    ]);
    assert.equal(code, 78);
    assert.match(stderr, /hostnam: unknown key; did you mean "hostname"\?\n.*retry: expected a mapping/);
  });

  test('ends with 78 when a plugin is not there', async () => {
    const { code, stderr } = await runCommand([
      'serve',
      '-c',
      await configFile({ selector: './no-such-plugin' }),
    ]);
    assert.equal(code, 78);
    assert.match(
      stderr,
      /users\[0\]\.selector: there is no plugin .*no-such-plugin; build it or correct the path/,
    );
  });

  test('ends with 75 when its address is taken, and leaves nothing behind', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    closers.push(() => new Promise((resolve) => other.close(() => resolve())));
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const file = await configFile({ selector: examplePlugin() });
    const { code, stderr } = await runCommand(['serve', '-c', file, '--listen', `127.0.0.1:${port}`]);
    assert.equal(code, 75);
    assert.match(
      stderr,
      /^error: 127\.0\.0\.1:\d+ is already in use by another program; stop .*\[ROUTER_ADDRESS_IN_USE\]\n/m,
    );
    assert.equal(existsSync(file.replace('config.yaml', 'state/router.lock')), false);
  });
});

describe('a plugin that refuses the handshake', () => {
  test('leaves the router serving, loudly', async () => {
    const sink = await sinkNow();
    const running = serve(await configFile({ sinks: [sink], selector: fixturePath('no-plugin.mjs') }));
    const client = await MailClient.open(await listening(running), LOGIN);
    assert.match(
      running.stderr,
      /warning: Plugin ".*no-plugin\.mjs" is not running: .*\[PLUGIN_\w+\]\. Mail goes on by on_failure/,
    );
    assert.match(await client.send(), /^250 /);
    client.drop();
    assert.equal(sink.mails.length, 1);
  });

  test('stops it with --strict', async () => {
    const file = await configFile({ selector: fixturePath('no-plugin.mjs') });
    const { code, stderr } = await runCommand(['serve', '-c', file, '--strict']);
    assert.equal(code, 1);
    assert.match(
      stderr,
      /Plugin ".*no-plugin\.mjs" is not running: .*\n.*--strict.*\[ROUTER_PLUGIN_NOT_READY\]/,
    );
  });
});

describe('a router that is killed', () => {
  test('leaves no plugin 5 s after its next start', { skip: process.platform === 'win32' }, async () => {
    const file = await configFile({ selector: examplePlugin() });
    const first = serve(file);
    await listening(first);
    const pid = await pluginOf(file);
    first.child.kill('SIGKILL');
    await first.ended;
    await listening(serve(file));
    assert.notEqual(await pluginOf(file), pid);
    assert.equal(await isGoneWithin(pid, 5000), true);
  });

  async function pluginOf(file: string): Promise<number> {
    const { stdout } = await runCommand(['status', '-c', file, '--json']);
    const { plugins } = JSON.parse(stdout) as { readonly plugins: readonly { readonly pid: number }[] };
    return plugins[0]?.pid ?? 0;
  }

  /** There is no event for the end of somebody else's process. */
  async function isGoneWithin(pid: number, timeMs: number): Promise<boolean> {
    const until = performance.now() + timeMs;
    while (performance.now() < until) {
      if (!isAlive(pid)) return true;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return false;
  }

  function isAlive(pid: number): boolean {
    try {
      process.kill(pid, 0);
      return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
    } catch {
      return false;
    }
  }
});
