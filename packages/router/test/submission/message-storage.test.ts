import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import type { SmtpReply } from '@smtp-router/smtp/grammar';
import type { RouterEvent } from '../../src/events/router-event.ts';
import type { SessionHandler } from '../../src/listener/session-handler.ts';
import type { Message } from '../../src/message/message.ts';
import { createSubmissionHandler } from '../../src/submission/submission-handler.ts';
import { TestStorage } from '../support/test-storage.ts';
import { TestClock } from '../test-clock.ts';

const MIB = 1024 * 1024;
const RELAYED: SmtpReply = { code: 250, enhancedCode: '2.0.0', lines: ['Ok: relayed'] };

let storage: TestStorage;
let events: RouterEvent[];
/** Content of each message that was handed on. */
let contents: Buffer[];

beforeEach(async () => {
  storage = new TestStorage(4 * MIB);
  await storage.files.sweep();
  events = [];
  contents = [];
});

afterEach(() => storage.remove());

function openSession(messageSizeBytes = MIB): SessionHandler {
  const factory = createSubmissionHandler(
    {
      hostname: 'router.example.com',
      authenticator: { authenticate: () => ({ kind: 'refused' }) },
      isAuthOffered: false,
      anonymous: { user: 'app@example.com', networks: ['127.0.0.1'] },
      limits: { messageSizeBytes, recipients: 3 },
      storage,
      clock: new TestClock(),
    },
    { accept: relay },
    { emit: (event) => events.push(event) },
  );
  return factory({
    sessionId: 's1',
    listener: '127.0.0.1:25',
    clientAddress: '127.0.0.1',
    isTls: false,
  });
}

async function relay(message: Message): Promise<SmtpReply> {
  const pieces: Uint8Array[] = [];
  for await (const piece of message.body.read()) pieces.push(piece);
  contents.push(Buffer.concat(pieces));
  return RELAYED;
}

async function begin(session: SessionHandler): Promise<SmtpReply> {
  await session.mail({ kind: 'mail', reversePath: { address: 'a@x' }, parameters: [] });
  await session.rcpt({ kind: 'rcpt', forwardPath: { address: 'b@y' }, parameters: [] });
  return session.data();
}

async function send(session: SessionHandler, ...pieces: readonly Buffer[]): Promise<SmtpReply> {
  await begin(session);
  for (const piece of pieces) await session.content(piece);
  return session.contentEnd({ kind: 'content-end', sizeBytes: 1 });
}

async function isAllGivenBack(): Promise<void> {
  await storage.files.settled();
  assert.deepEqual([storage.budget.usedBytes, storage.files.open, storage.names], [0, 0, []]);
}

test('A message that lies in a file is handed on whole, and nothing of it is left behind', async () => {
  storage.budget.take(2 * MIB);
  const pieces = Array.from({ length: 10 }, (_, index) => Buffer.alloc(65_536, 65 + index));
  assert.equal((await send(openSession(), ...pieces)).code, 250);
  assert.equal(storage.files.created, 1);
  assert.ok(contents[0]?.subarray(-10 * 65_536).equals(Buffer.concat(pieces)));
  storage.budget.give(2 * MIB);
  await isAllGivenBack();
});

test('A full disk costs the message a 452, and the session goes on', async () => {
  storage.budget.take(3 * MIB);
  storage.disk.writev = 'ENOSPC';
  const session = openSession();
  const refused = await send(session, Buffer.alloc(10_000), Buffer.alloc(10_000));
  assert.deepEqual([refused.code, refused.enhancedCode], [452, '4.3.1']);
  const [ended] = events.filter((event) => event.kind === 'message-ended');
  assert.deepEqual([ended?.result, ended?.replyCode], ['deferred', 452]);
  delete storage.disk.writev;
  assert.equal((await send(session, Buffer.alloc(10_000))).code, 250);
  assert.equal(contents.length, 1);
  storage.budget.give(3 * MIB);
  await isAllGivenBack();
});

test('A message with a faulty disk passes while memory is not short', async () => {
  storage.disk.create = 'EROFS';
  assert.equal((await send(openSession(), Buffer.alloc(MIB))).code, 250);
  await isAllGivenBack();
});

test('While all memory is used DATA is answered only when there is room', async () => {
  storage.budget.take(4 * MIB);
  const session = openSession();
  const answer = begin(session);
  while (storage.budget.waiting === 0) await new Promise((resolve) => setImmediate(resolve));
  storage.budget.give(4 * MIB);
  assert.equal((await answer).code, 354);
  session.closed('gone');
  await isAllGivenBack();
});

for (const [name, end] of [
  ['resets', (session: SessionHandler) => session.reset()],
  ['goes away', (session: SessionHandler) => session.closed('gone')],
  ['says EHLO', (session: SessionHandler) => session.hello('x', 'EHLO')],
] as const) {
  test(`What a client sent before it ${name} is given back`, async () => {
    storage.budget.take(2 * MIB);
    for (const bytes of [10_000, 300_000]) {
      const session = openSession();
      await begin(session);
      await session.content(Buffer.alloc(bytes));
      end(session);
    }
    storage.budget.give(2 * MIB);
    await isAllGivenBack();
  });
}

test('A client that goes away while its bytes are being written leaves nothing behind', async () => {
  storage.budget.take(3 * MIB);
  const session = openSession();
  await begin(session);
  const written = session.content(Buffer.alloc(10_000));
  session.closed('gone');
  await written;
  storage.budget.give(3 * MIB);
  await isAllGivenBack();
});

test('A message is given back as soon as it is too large, and when its content is refused', async () => {
  const session = openSession(100_000);
  await begin(session);
  await session.content(Buffer.alloc(90_000));
  assert.equal(storage.budget.usedBytes, 90_000);
  await session.content(Buffer.alloc(20_000));
  assert.equal(storage.budget.usedBytes, 0);
  assert.equal((await session.contentEnd({ kind: 'content-end', sizeBytes: 110_000 })).code, 552);
  await begin(session);
  await session.content(Buffer.alloc(5_000));
  const answer = await session.contentEnd({ kind: 'content-end', sizeBytes: 5_000, fault: 'nul' });
  assert.equal(answer.code, 550);
  await isAllGivenBack();
});
