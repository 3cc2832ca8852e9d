import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SmtpReply } from '@smtp-router/smtp/grammar';
import { systemClock } from '../../src/clock.ts';
import type { SendRequest } from '../../src/control/control-message.ts';
import { MailSender } from '../../src/control/mail-sender.ts';
import { RouterError, type RouterErrorCode } from '../../src/errors.ts';
import { EventHub } from '../../src/events/event-hub.ts';
import type { Message } from '../../src/message/message.ts';

const MAIL: SendRequest = {
  user: 'APP@example.com',
  from: '',
  to: ['"a b"@example.org', 'c@example.org'],
  content: Buffer.from('Subject: x\r\n\r\nhello\r\n'),
};

/** A sender whose intake reports and answers as told. */
function senderWith(accept: (message: Message, events: EventHub) => Promise<SmtpReply>) {
  const events = new EventHub();
  const taken: Message[] = [];
  const sender = new MailSender({
    hostname: 'router.example',
    users: new Map([['app@example.com', { email: 'App@example.com' }]]),
    intake: {
      accept(message) {
        taken.push(message);
        return accept(message, events);
      },
    },
    events,
    nextMessageId: () => 'm1',
    clock: { ...systemClock, wallTime: () => 0 },
  });
  return { sender, taken };
}

const OK: SmtpReply = { code: 250, enhancedCode: '2.0.0', lines: ['taken'] };

test('a mail takes the way of any other, under its user and with a trace field of its own', async () => {
  let content = '';
  const { sender, taken } = senderWith(async (message) => {
    content = Buffer.concat(message.body.read() as Uint8Array[]).toString('latin1');
    return OK;
  });
  const result = await sender.send(MAIL);
  assert.deepEqual(result, { messageId: 'm1', reply: { code: 250, text: '2.0.0 taken' }, attempts: [] });
  assert.equal(
    content,
    'Received: by router.example\r\n id m1; Thu, 01 Jan 1970 00:00:00 +0000\r\nSubject: x\r\n\r\nhello\r\n',
  );
  const [message] = taken;
  assert.deepEqual([message?.session.user, message?.session.listener], ['App@example.com', 'control']);
  assert.equal(message?.envelope.reversePath.address, '');
  assert.deepEqual(
    message?.envelope.forwardPaths.map(({ id, path }) => [id, path.address]),
    [
      [0, '"a b"@example.org'],
      [1, 'c@example.org'],
    ],
  );
});

test('selection and attempts of this mail alone are told', async () => {
  const selection = {
    selector: 's',
    decidedBy: 'selector',
    reason: 'r',
    routes: [['one']],
    durationMs: 1,
  } as const;
  const ended = {
    kind: 'message-ended',
    sessionId: 's',
    user: 'u',
    mailFrom: '',
    recipients: [],
    sizeBytes: 1,
    result: 'relayed',
    replyCode: 250,
    replyText: '',
    durationMs: 1,
    attempts: [],
  } as const;
  const { sender } = senderWith(async (message, events) => {
    events.emit({ ...ended, messageId: message.id, selection });
    events.emit({ ...ended, messageId: 'another', selection: { ...selection, selector: 'other' } });
    return OK;
  });
  assert.deepEqual((await sender.send(MAIL)).selection, selection);
});

test('memory is given back, also when delivery fails unexpectedly', async () => {
  const { sender, taken } = senderWith(() => Promise.reject(new Error('defect')));
  await assert.rejects(sender.send(MAIL), /defect/);
  assert.throws(() => taken[0]?.body.read());
});

const refused: readonly (readonly [string, Partial<SendRequest>, RouterErrorCode])[] = [
  ['an unknown user', { user: 'nobody' }, 'ROUTER_BAD_REQUEST'],
  ['a sender that is no address', { from: 'x' }, 'ROUTER_BAD_REQUEST'],
  ['a recipient that is no address', { to: ['a@b.example', ''] }, 'ROUTER_BAD_REQUEST'],
  ['a recipient that would end the command', { to: ['a@b>\r\nRCPT TO:<c@d'] }, 'ROUTER_BAD_REQUEST'],
  ['a bare LF', { content: Buffer.from('a\nb\r\n') }, 'ROUTER_BAD_MESSAGE_FILE'],
  ['a bare CR', { content: Buffer.from('a\rb\r\n') }, 'ROUTER_BAD_MESSAGE_FILE'],
  ['a NUL', { content: Buffer.from('a\0\r\n') }, 'ROUTER_BAD_MESSAGE_FILE'],
  ['a last line without end', { content: Buffer.from('a') }, 'ROUTER_BAD_MESSAGE_FILE'],
];
for (const [title, part, code] of refused) {
  test(`${title} is refused before anything is sent`, async () => {
    const { sender, taken } = senderWith(async () => OK);
    await assert.rejects(sender.send({ ...MAIL, ...part }), (error: unknown) => {
      assert.ok(error instanceof RouterError && error.code === code);
      assert.match(error.message, /^[\x20-\x7e]+$/);
      return true;
    });
    assert.equal(taken.length, 0);
  });
}
