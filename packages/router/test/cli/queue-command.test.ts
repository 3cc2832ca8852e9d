/** `queue` and `trace` as an operator uses them, beside a running router and without one. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { MailSink } from '../support/mail-sink.ts';
import { runCommand } from '../support/run-command.ts';
import { TestRouter } from '../support/test-router.ts';

const LATER = 'spool: { min_free: 0B }\nretry: { delays: [1h], give_up_after: 1d }';

describe('the queue', () => {
  let sink: MailSink;
  let router: TestRouter;
  let id: string;
  before(async () => {
    sink = await MailSink.open({
      rcpt: (address) => (address === 'b@example.net' ? '450 4.2.1 busy' : undefined),
    });
    router = await TestRouter.start({ sinks: [sink], yaml: LATER });
    const client = await router.client();
    const reply = await client.send({ to: ['a@example.org', 'b@example.net'] });
    id = /spooled, id (\S+)$/.exec(reply)?.[1] ?? reply;
    client.drop();
  });
  after(async () => {
    await router.stop();
    await sink.close();
  });

  const queue = (...args: readonly string[]) =>
    runCommand([...args, '-c', router.directory.file('config.yaml')]);

  test('lists what waits, by filters too', async () => {
    const { code, stdout, stderr } = await queue('queue', 'list');
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(
      stdout,
      /^\S+ <b@example\.net>: due in 60 min, \d+ s old, deferred 1 times, one: .*450 4\.2\.1 busy.*\n1 recipient of 1 message\n$/,
    );
    assert.equal((await queue('queue', 'list', '--domain', 'example.org')).stdout, 'nothing waits\n');
    const { recipients } = JSON.parse((await queue('queue', 'list', '--json')).stdout);
    assert.equal(recipients[0].messageId, id);
  });

  test('tells the story of a message', async () => {
    const { code, stdout } = await queue('trace', id);
    assert.equal(code, 0);
    assert.match(
      stdout,
      new RegExp(`^${id} from <a@example\\.com>, user app@example\\.com, \\d+ bytes, received `),
    );
    assert.match(stdout, /in-order chose one: /);
    assert.match(stdout, /one, dot, \d+ ms, <a@example\.org>: delivered, 250 /);
    assert.match(stdout, /one, dot, \d+ ms, <b@example\.net>: deferred, 450 4\.2\.1 busy/);
    assert.match(stdout, /now \S+ <a@example\.org>: delivered/);
  });

  test('knows what it does not know', async () => {
    const { code, stderr } = await queue('queue', 'show', 'nothing-1');
    assert.equal(code, 1);
    assert.match(stderr, /The spool knows no message nothing-1/);
  });

  test('changes nothing without saying of what', async () => {
    const { code, stderr } = await queue('queue', 'drop');
    assert.equal(code, 2);
    assert.match(stderr, /needs the id of a message, a filter, or --all/);
  });

  test('holds, and releases for a try at once', async () => {
    assert.equal((await queue('queue', 'hold', id)).stdout, '1 recipient held\n');
    assert.match((await queue('queue', 'list', '--state', 'held')).stdout, /<b@example\.net>: held/);
    delete sink.replies.rcpt;
    assert.equal((await queue('queue', 'release', '--all')).stdout, '1 recipient due now\n');
    await router.until((event) => event.kind === 'spooled-message-tried' && event.delivered === 1);
    assert.equal(sink.mails.length, 2);
  });

  test('is read from the spool when no router runs', async () => {
    await router.handle.drain();
    const { code, stdout } = await queue('trace', id);
    assert.equal(code, 0);
    assert.match(stdout, /now \S+ <b@example\.net>: delivered/);
    assert.equal((await queue('queue', 'retry', '--all')).stdout, '0 recipients due now\n');
  });
});

test('without a spool there is no queue, and it says so', async () => {
  const router = await TestRouter.start({ downstreams: ['one: { addr: "127.0.0.1:1" }'] });
  try {
    const { code, stderr } = await runCommand(['queue', 'list', '-c', router.directory.file('config.yaml')]);
    assert.equal(code, 75);
    assert.match(stderr, /has no spool/);
  } finally {
    await router.stop();
  }
});
