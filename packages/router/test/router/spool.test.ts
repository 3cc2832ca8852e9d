/** A whole router with a spool: what it answers, what it keeps, what becomes of it. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { afterEach, describe, test } from 'node:test';
import { examplePlugin } from '../support/fixture-path.ts';
import { MailClient } from '../support/mail-client.ts';
import { MailSink, type SinkReplies } from '../support/mail-sink.ts';
import { RunningCommand } from '../support/run-command.ts';
import { TemporaryDirectory } from '../support/temporary-directory.ts';
import { configText, LOGIN, TestRouter, type TestRouterOptions } from '../support/test-router.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

async function sinkNow(replies: SinkReplies = {}, port = 0): Promise<MailSink> {
  const sink = await MailSink.open(replies, port);
  closers.push(() => sink.close());
  return sink;
}

/** An address where nobody listens, until `again`. */
async function sinkThatIsDown() {
  const sink = await MailSink.open();
  const { port, addr } = sink;
  await sink.close();
  const replies: SinkReplies = {};
  return { addr, replies, again: () => sinkNow(replies, port) };
}

const QUICK = 'retry: { delays: [50ms], give_up_after: 1d }';
const SPOOL = 'spool: { min_free: 0B }';

async function routerWith(options: TestRouterOptions, ...yaml: readonly string[]): Promise<TestRouter> {
  const router = await TestRouter.start({ ...options, yaml: [SPOOL, ...yaml].join('\n') });
  closers.push(() => router.stop());
  return router;
}

async function clientOf(router: TestRouter): Promise<MailClient> {
  const client = await router.client();
  closers.push(() => client.drop());
  return client;
}

function tried(router: TestRouter, what: 'delivered' | 'failed' | 'deferred' | 'held') {
  return router.until((event) => event.kind === 'spooled-message-tried' && event[what] > 0);
}

describe('a router with a spool', () => {
  test('relays as without one while a downstream takes the mail: the client hears its word', async () => {
    const sink = await sinkNow({ dot: '250 2.0.0 queued as 42' });
    const router = await routerWith({ sinks: [sink] }, QUICK);
    const client = await clientOf(router);
    assert.match(await client.send(), /^250 2\.0\.0 Ok: relayed via one, .*queued as 42/);
    sink.replies.rcpt = () => '550 5.1.1 nobody';
    assert.match(await client.send(), /^550 5\.1\.1 one said: 550 5\.1\.1 nobody/);
  });

  test('answers 250 while every downstream is down, and delivers once one is up', async () => {
    const down = await sinkThatIsDown();
    const router = await routerWith({ sinks: [down] }, QUICK);
    const client = await clientOf(router);
    for (let count = 0; count < 5; count += 1) {
      assert.match(await client.send(), /^250 2\.0\.0 Ok: spooled, id \S+$/);
    }
    const sink = await down.again();
    await router.until(
      () =>
        router.events.filter((event) => event.kind === 'spooled-message-tried' && event.delivered > 0)
          .length === 5,
    );
    assert.equal(sink.mails.length, 5);
    assert.match(await client.send(), /^250 2\.0\.0 Ok: relayed/);
  });

  test('tries again what was refused for now, and tells the selector what happened', async () => {
    const sink = await sinkNow({ dot: '451 4.3.0 not now' });
    const router = await routerWith({ sinks: [sink] }, QUICK);
    assert.match(await (await clientOf(router)).send(), /^250 .*spooled/);
    await tried(router, 'deferred');
    delete sink.replies.dot;
    await tried(router, 'delivered');
    assert.equal(sink.mails.length, 1);
  });

  test('delivers to each recipient once, and reports those that are refused', async () => {
    const sink = await sinkNow({
      rcpt: (address) => (address === 'no@example.org' ? '550 5.1.1 nobody' : undefined),
    });
    const router = await routerWith({ sinks: [sink] }, QUICK);
    const to = ['yes@example.org', 'no@example.org'];
    assert.match(await (await clientOf(router)).send({ to }), /^250 .*spooled/);
    await tried(router, 'delivered');
    const [mail, report, ...others] = sink.mails;
    assert.deepEqual(
      [mail?.to, report?.from, report?.to, others.length],
      [['yes@example.org'], '', ['a@example.com'], 0],
    );
    const content = report?.content ?? '';
    for (const line of [
      /^Content-Type: multipart\/report; report-type=delivery-status;\r$/m,
      /^Auto-Submitted: auto-replied\r$/m,
      /^Final-Recipient: rfc822; no@example\.org\r$/m,
      /^Action: failed\r$/m,
      /^Status: 5\.1\.1\r$/m,
      /^Diagnostic-Code: smtp; 550 5\.1\.1 nobody\r$/m,
      /^Subject: test\r$/m,
    ]) {
      assert.match(content, line);
    }
    assert.doesNotMatch(content, /hello/);
  });

  test('gives up what is too old, and reports it', async () => {
    const sink = await sinkNow({
      rcpt: (address) => (address === 'b@example.org' ? '450 4.2.1 busy' : undefined),
    });
    const router = await routerWith({ sinks: [sink] }, 'retry: { delays: [20ms], give_up_after: 100ms }');
    assert.match(await (await clientOf(router)).send(), /^250 .*spooled/);
    await tried(router, 'failed');
    await tried(router, 'delivered');
    assert.match(sink.mails[0]?.content ?? '', /^Status: 5\.4\.7\r$/m);
  });

  test('holds a report that nobody takes', async () => {
    const sink = await sinkNow({ rcpt: () => '550 5.1.1 nobody' });
    const router = await routerWith({ sinks: [sink], user: 'mode: spool' }, QUICK);
    assert.match(await (await clientOf(router)).send(), /^250 .*spooled/);
    await tried(router, 'failed');
    await tried(router, 'held');
  });

  test('answers within the budget when a downstream owes its word, which settles it later: one delivery', async () => {
    let answer = (): void => {};
    const dotWaitsFor = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const slow = await sinkNow({ dotWaitsFor });
    const other = await sinkNow();
    const router = await routerWith({ sinks: [slow, other] }, QUICK, 'relay: { budget: 200ms }');
    assert.match(await (await clientOf(router)).send(), /^250 2\.0\.0 Ok: spooled/);
    answer();
    await tried(router, 'delivered');
    assert.deepEqual([slow.mails.length, other.mails.length], [1, 0]);
  });

  test('refuses for now what it has no room for, and relays the rest', async () => {
    const sink = await sinkNow({ dot: '451 4.3.0 not now' });
    const yaml = ['spool: { min_free: 1024GiB }', QUICK].join('\n');
    const router = await TestRouter.start({ sinks: [sink], yaml });
    closers.push(() => router.stop());
    const client = await clientOf(router);
    assert.match(await client.send(), /^452 4\.3\.1 /);
    delete sink.replies.dot;
    assert.match(await client.send(), /^250 2\.0\.0 Ok: relayed/);
  });

  test('keeps nothing for a user whose mode is sync', async () => {
    const sink = await sinkNow({ dot: '451 4.3.0 not now' });
    const router = await routerWith({ sinks: [sink], user: 'mode: sync' }, QUICK);
    assert.match(await (await clientOf(router)).send(), /^451 /);
  });

  test('spools at once for a user whose mode is spool', async () => {
    const sink = await sinkNow();
    const router = await routerWith({ sinks: [sink], user: 'mode: spool', selector: examplePlugin() }, QUICK);
    const content = `Subject: large\r\n\r\n${'0123456789\r\n'.repeat(20_000)}`;
    assert.match(await (await clientOf(router)).send({ content }), /^250 .*spooled/);
    await tried(router, 'delivered');
    assert.equal(sink.mails[0]?.content.endsWith(content), true);
  });

  test('sends reports by bounces.via, to whom bounces.to says', async () => {
    const sink = await sinkNow({ rcpt: () => '550 5.1.1 nobody' });
    const reporter = await sinkNow();
    const router = await routerWith(
      { sinks: [sink, reporter], user: 'mode: spool, downstreams: [one]' },
      QUICK,
      'bounces: { via: two, to: postmaster@example.com, from: robot@example.com }',
    );
    assert.match(await (await clientOf(router)).send(), /^250 .*spooled/);
    await tried(router, 'delivered');
    const [report] = reporter.mails;
    assert.deepEqual(report?.to, ['postmaster@example.com']);
    assert.match(report.content, /^From: Mail Delivery System <robot@example\.com>\r$/m);
  });

  test('holds what may have been delivered when at_most_once is wanted', async () => {
    const sink = await sinkNow({ dot: '' });
    const router = await routerWith({ sinks: [sink] }, QUICK, 'relay: { ambiguous: at_most_once }');
    assert.match(await (await clientOf(router)).send(), /^250 .*spooled/);
    const held = router.events.find((event) => event.kind === 'message-ended');
    assert.equal(held?.kind === 'message-ended' && held.result, 'spooled');
    assert.equal(sink.lines.filter((line) => line.startsWith('MAIL')).length, 1);
  });
});

describe('a router with a spool that ends', () => {
  function serve(file: string): RunningCommand {
    const running = new RunningCommand(['serve', '-c', file]);
    closers.push(() => running.kill());
    return running;
  }

  async function configFile(options: TestRouterOptions): Promise<string> {
    const directory = new TemporaryDirectory();
    closers.push(() => directory.remove());
    const file = directory.file('config.yaml');
    writeFileSync(file, configText(options));
    return file;
  }

  async function clientAt(running: RunningCommand): Promise<MailClient> {
    const [, address = ''] = await running.until(/listens on ([\w.]+:\d+)/);
    const client = await MailClient.open(address, LOGIN);
    closers.push(() => client.drop());
    return client;
  }

  /** There is no event of a sink. */
  async function untilTaken(sink: MailSink, count: number): Promise<void> {
    while (sink.mails.length < count) await new Promise((resolve) => setTimeout(resolve, 20));
  }

  for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
    test(`by ${signal} loses nothing of what it answered 250 for`, async () => {
      const down = await sinkThatIsDown();
      const yaml = `${SPOOL}\n${QUICK}`;
      const file = await configFile({ sinks: [down], yaml });
      const first = serve(file);
      const client = await clientAt(first);
      const large = `Subject: large\r\n\r\n${'0123456789\r\n'.repeat(10_000)}`;
      for (const content of ['Subject: small\r\n\r\nhello\r\n', large]) {
        assert.match(await client.send({ content }), /^250 .*spooled/);
      }
      first.child.kill(signal);
      await first.ended;
      assert.doesNotMatch(first.stderr, /Experimental/);
      const sink = await down.again();
      await clientAt(serve(file));
      await untilTaken(sink, 2);
      const contents = sink.mails.map(({ content }) => content);
      assert.equal(
        contents.some((content) => content.endsWith(large)),
        true,
      );
      assert.equal(
        contents.some((content) => content.endsWith('hello\r\n')),
        true,
      );
    });
  }
});
