/** Routers that share one queue in a real PostgreSQL. */
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { MailSink } from '../support/mail-sink.ts';
import { PostgresServer } from '../support/postgres-server.ts';
import { TestRouter } from '../support/test-router.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

describe('routers on one PostgreSQL', { skip: process.platform === 'win32' }, () => {
  let server: PostgresServer;
  before(async () => {
    server = await PostgresServer.start();
  });
  after(() => server.remove());

  async function routerFor(addr: string): Promise<TestRouter> {
    const router = await TestRouter.start({
      sinks: [{ addr, replies: {} }],
      yaml: `spool: { url: ${JSON.stringify(server.url)} }\nretry: { delays: [200ms], give_up_after: 1d }`,
    });
    closers.push(() => router.stop());
    return router;
  }

  test('deliver each message once, whoever took it', async () => {
    const closed = await MailSink.open();
    const { port, addr } = closed;
    await closed.close();
    const routers = [await routerFor(addr), await routerFor(addr)];
    for (const [index, router] of routers.entries()) {
      const client = await router.client();
      closers.push(() => client.drop());
      for (let count = 0; count < 10; count += 1) {
        assert.match(
          await client.send({ content: `Subject: ${index}-${count}\r\n\r\nhi\r\n` }),
          /^250 .*spooled/,
        );
      }
    }
    const sink = await MailSink.open({}, port);
    closers.push(() => sink.close());
    const delivered = () =>
      routers
        .flatMap(({ events }) => events)
        .filter((event) => event.kind === 'spooled-message-tried' && event.delivered === 1);
    await Promise.race(routers.map((router) => router.until(() => delivered().length === 20)));
    const subjects = sink.mails.map(({ content }) => /^Subject: (.*)$/m.exec(content)?.[1]);
    assert.equal(subjects.length, 20);
    assert.equal(new Set(subjects).size, 20);
  });

  test('relay on while it is away, refuse what would need it, and use it again', async () => {
    const sink = await MailSink.open();
    closers.push(() => sink.close());
    const router = await routerFor(sink.addr);
    const client = await router.client();
    closers.push(() => client.drop());
    await server.halt('SIGQUIT');
    assert.match(await client.send(), /^250 2\.0\.0 Ok: relayed/);
    sink.replies.dot = '451 4.3.0 not now';
    assert.match(await client.send(), /^451 4\.3\.0 The message could not be kept/);
    await router.until((event) => event.kind === 'spool-fault' && event.code === 'ROUTER_SPOOL_FAILED');
    await server.resume();
    assert.match(await client.send(), /^250 .*spooled/);
    delete sink.replies.dot;
    await router.until((event) => event.kind === 'spooled-message-tried' && event.delivered === 1);
    assert.equal(sink.mails.length, 2);
  });
});
