/** Mail through a whole router: real sockets, plugins as real processes. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { afterEach, describe, test } from 'node:test';
import type { RouterEvent } from '../../src/events/router-event.ts';
import { examplePlugin, fixturePath } from '../support/fixture-path.ts';
import { MailSink, type SinkReplies } from '../support/mail-sink.ts';
import { LOGIN, TestRouter, type TestRouterOptions } from '../support/test-router.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

async function sink(replies: SinkReplies = {}): Promise<MailSink> {
  const opened = await MailSink.open(replies);
  closers.push(() => opened.close());
  return opened;
}

async function router(options: TestRouterOptions): Promise<TestRouter> {
  const started = await TestRouter.start(options);
  closers.push(() => started.stop());
  return started;
}

/** A sink that is not there any more: connections are refused. */
async function downSink(): Promise<MailSink> {
  const opened = await MailSink.open();
  const { port } = opened;
  await opened.close();
  return Object.defineProperty(opened, 'port', { value: port });
}

const isReady = (pid?: number) => (event: RouterEvent) =>
  event.kind === 'plugin-state-changed' && event.state === 'ready' && event.pid !== pid;

describe('without a plugin', () => {
  test('a mail arrives byte for byte behind one trace field', async () => {
    const one = await sink();
    const client = await (await router({ sinks: [one] })).client();
    const content = 'Subject: caf\u00e9\r\n\r\n.dot\r\n..dots\r\n\r\nend\r\n';
    assert.match(await client.send({ content }), /^250 2\.0\.0 /);
    await client.quit();
    const [mail] = one.mails;
    assert.deepEqual([mail?.from, mail?.to], ['a@example.com', ['b@example.org']]);
    assert.match(mail?.content ?? '', /^Received: from client\.example \(\[127\.0\.0\.1\]\)\r\n by /);
    assert.ok(mail?.content.endsWith(`\r\n${content}`), mail?.content);
  });

  test('when the first downstream is down the second takes it, loudly', async () => {
    const second = await sink();
    const started = await router({ sinks: [await downSink(), second] });
    const client = await started.client();
    assert.match(await client.send(), /^250 /);
    client.drop();
    assert.equal(second.mails.length, 1);
    const event = started.events.find(({ kind }) => kind === 'failed-over');
    assert.deepEqual(event?.kind === 'failed-over' && [event.from, event.to, event.blame], [
      'one',
      'two',
      'network',
    ]);
    assert.ok(started.logLines.some((line) => line.includes('"failed-over"')));
  });

  test('when every downstream is down the client hears 451 and keeps its mail', async () => {
    const started = await router({ sinks: [await downSink(), await downSink()] });
    const client = await started.client();
    assert.match(await client.send(), /^451 4\./);
    assert.match(await client.send(), /^451 4\./, 'the session goes on');
    client.drop();
  });

  test('one of two recipients refused: nobody gets it and the client hears that reply', async () => {
    const rcpt = (address: string) => (address === 'gone@example.org' ? '550 5.1.1 no such user' : undefined);
    const [one, two] = [await sink({ rcpt }), await sink()];
    const client = await (await router({ sinks: [one, two] })).client();
    const reply = await client.send({ to: ['b@example.org', 'gone@example.org'] });
    assert.match(reply, /^550 5\.1\.1 .*no such user/);
    client.drop();
    assert.deepEqual([one.mails.length, two.mails.length], [0, 0]);
  });

  test('a permanent refusal of the only recipient is passed on and nobody else is asked', async () => {
    const [one, two] = [await sink({ rcpt: () => '550 5.1.1 no such user' }), await sink()];
    const client = await (await router({ sinks: [one, two] })).client();
    assert.match(await client.send(), /^550 5\.1\.1 .*no such user/);
    client.drop();
    assert.equal(two.mails.length, 0);
  });

  test('a dot without an answer is 451 and never goes to another downstream', async () => {
    const [one, two] = [await sink({ dot: '' }), await sink()];
    const client = await (await router({ sinks: [one, two] })).client();
    assert.match(await client.send(), /^451 /);
    client.drop();
    assert.equal(two.mails.length, 0);
  });

  test('with relay.ambiguous: at_most_once the same is 554', async () => {
    const one = await sink({ dot: '' });
    const client = await (
      await router({ sinks: [one], yaml: 'relay: { ambiguous: at_most_once }' })
    ).client();
    assert.match(await client.send(), /^554 5\.4\.7/);
    client.drop();
  });

  test('a wrong password and mail without login are refused', async () => {
    const started = await router({ sinks: [await sink()] });
    const { MailClient } = await import('../support/mail-client.ts');
    await assert.rejects(MailClient.open(started.address, { ...LOGIN, password: 'wrong' }), /535/);
    const client = await MailClient.open(started.address);
    assert.match(await client.send(), /^530 /);
    client.drop();
  });
});

describe('with a plugin', () => {
  test('the TypeScript round robin spreads 40 mails evenly over two downstreams', async () => {
    const [one, two] = [await sink(), await sink()];
    const started = await router({ sinks: [one, two], selector: examplePlugin() });
    const clients = await Promise.all(Array.from({ length: 4 }, () => started.client()));
    await Promise.all(
      clients.map(async (client) => {
        for (let count = 0; count < 10; count += 1) assert.match(await client.send(), /^250 /);
        await client.quit();
      }),
    );
    assert.deepEqual([one.mails.length, two.mails.length], [20, 20]);
    const fallbacks = started.events.filter(
      (event) => event.kind === 'selection-ended' && event.selection.decidedBy === 'fallback',
    );
    assert.equal(fallbacks.length, 0);
  });

  async function moody(mood: string, yaml = '') {
    const [one, two] = [await sink(), await sink()];
    const { TemporaryDirectory } = await import('../support/temporary-directory.ts');
    const directory = new TemporaryDirectory();
    closers.push(async () => directory.remove());
    const file = directory.file('mood');
    const setMood = (next: string) => writeFileSync(file, next);
    setMood(mood);
    const started = await router({
      sinks: [one, two],
      selector: 'moody',
      yaml: `selectors: { moody: { plugin: ${JSON.stringify(fixturePath('moody.ts'))}, env: { MOOD: ${JSON.stringify(file)} }, timeout: 400ms${yaml} } }`,
    });
    const pid = started.handle.status().plugins[0]?.pid;
    return { one, two, started, setMood, pid };
  }

  test('a plugin that exits in mid-traffic costs no mail and is running again', async () => {
    const { one, two, started, setMood, pid } = await moody('well');
    const client = await started.client();
    assert.match(await client.send(), /^250 /);
    setMood('exit');
    assert.match(await client.send(), /^250 /);
    setMood('well');
    await started.until(isReady(pid));
    assert.match(await client.send(), /^250 /);
    client.drop();
    assert.deepEqual([one.mails.length, two.mails.length], [1, 2]);
  });

  test('a plugin that is killed from outside costs no mail and is running again', async () => {
    const { started, pid } = await moody('well');
    const client = await started.client();
    process.kill(pid ?? assert.fail('no process'), 'SIGKILL');
    for (let count = 0; count < 5; count += 1) assert.match(await client.send(), /^250 /);
    await started.until(isReady(pid));
    client.drop();
  });

  test('a plugin that hangs is answered for within its deadline and a second', async () => {
    const { one, started, setMood } = await moody('hang');
    const client = await started.client();
    const begunAt = performance.now();
    assert.match(await client.send(), /^250 /);
    assert.ok(performance.now() - begunAt < 1400);
    setMood('well');
    assert.match(await client.send(), /^250 /);
    client.drop();
    assert.equal(one.mails.length, 1, 'the configured order took the first');
  });

  for (const mood of ['nonsense', 'fail']) {
    test(`a plugin that answers ${mood === 'fail' ? 'an error' : 'an address nobody offered'} is at fault, the mail is not`, async () => {
      const { one, started } = await moody(mood);
      const client = await started.client();
      assert.match(await client.send(), /^250 /);
      client.drop();
      assert.equal(one.mails.length, 1);
      const event = started.events.find(({ kind }) => kind === 'selection-ended');
      assert.equal(event?.kind === 'selection-ended' && event.selection.decidedBy, 'fallback');
    });
  }

  test('on_failure: tempfail answers 451 while the plugin fails and asks no downstream', async () => {
    const { one, two, started } = await moody('fail', ', on_failure: tempfail');
    const client = await started.client();
    assert.match(await client.send(), /^451 /);
    client.drop();
    assert.deepEqual([one.lines.length, two.lines.length], [0, 0]);
  });

  test('a plugin that floods its output slows nothing down and kills nobody', async () => {
    const { one, started } = await moody('flood');
    const client = await started.client();
    for (let count = 0; count < 3; count += 1) assert.match(await client.send(), /^250 /);
    client.drop();
    assert.equal(one.mails.length, 3);
  });

  test('a program that is no plugin leaves the router serving by on_failure', async () => {
    const one = await sink();
    const started = await router({ sinks: [one], selector: fixturePath('no-plugin.mjs') });
    assert.notEqual(started.handle.status().plugins[0]?.state, 'ready');
    const client = await started.client();
    assert.match(await client.send(), /^250 /);
    client.drop();
    assert.equal(one.mails.length, 1);
  });
});
