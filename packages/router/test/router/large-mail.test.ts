/** Large mail through a whole router with little memory: files, faults of the disk, and nothing left behind. */
import assert from 'node:assert/strict';
import { readdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, test } from 'node:test';
import { MailSink } from '../support/mail-sink.ts';
import { TestRouter } from '../support/test-router.ts';

const MIB = 1024 * 1024;
const SMALL = 'Subject: small\r\n\r\nHello\r\n';

let sink: MailSink;
let router: TestRouter;

beforeEach(async () => {
  sink = await MailSink.open();
  router = await TestRouter.start({
    sinks: [sink],
    yaml: 'limits: { memory_for_messages: 1MiB }\nrelay: { budget: 2m }\n',
  });
});

afterEach(async () => {
  await router.stop();
  await sink.close();
});

/** Each line tells its number; some begin with a dot. */
function largeContent(bytes: number, mark: string): string {
  const lines: string[] = [`Subject: ${mark}`, ''];
  for (let size = 0, index = 0; size < bytes; index += 1) {
    const line = `${index % 3 === 0 ? '.' : ''}${mark} ${index} ${'x'.repeat(index % 70)}`;
    lines.push(line);
    size += line.length + 2;
  }
  return `${lines.join('\r\n')}\r\n`;
}

test('Messages many times larger than the memory arrive byte for byte, several at a time', async () => {
  const marks = ['a', 'b', 'c', 'd', 'e', 'f'];
  const replies = await Promise.all(
    marks.map(async (mark) => {
      const client = await router.client();
      const reply = await client.send({ content: largeContent(3 * MIB, mark) });
      client.drop();
      return reply;
    }),
  );
  assert.deepEqual(
    replies.map((reply) => reply.slice(0, 3)),
    marks.map(() => '250'),
  );
  for (const mark of marks) {
    const expected = largeContent(3 * MIB, mark);
    const mail = sink.mails.find(({ content }) => content.endsWith(expected));
    assert.ok(mail?.content.startsWith('Received: '), `message ${mark} did not arrive whole`);
  }
  const metrics = await (await fetch(`http://${router.handle.addresses.admin}/metrics`)).text();
  assert.match(metrics, /^smtp_router_message_files_total [1-6]$/m);
});

test('While temporary files cannot be made large mail hears 452 and small mail flows', async () => {
  const messages = router.directory.file('state/messages');
  rmdirSync(messages);
  writeFileSync(messages, 'in the way');
  const client = await router.client();
  const large = await client.send({ content: largeContent(3 * MIB, 'large') });
  assert.match(large, /^452 4\.3\.1 /);
  const small = await client.send({ content: SMALL });
  assert.match(small, /^250 /);
  client.drop();
  assert.equal(sink.mails.length, 1);
  const [fault] = router.events.filter((event) => event.kind === 'storage-fault');
  assert.equal(fault?.code, 'ROUTER_MESSAGE_FILE_FAILED');
});

test('A router that stops leaves no temporary file behind', async () => {
  const client = await router.client();
  assert.match(await client.send({ content: largeContent(3 * MIB, 'a') }), /^250 /);
  client.drop();
  await router.handle.drain();
  assert.deepEqual(readdirSync(router.directory.file('state/messages')), []);
});
