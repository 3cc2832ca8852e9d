import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SmtpExtensions } from '@smtp-router/smtp/client';
import { formatParameter, parseParameters } from '@smtp-router/smtp/grammar';
import { chooseMailParameters, chooseRecipients } from '../../src/downstream/mail-parameters.ts';
import type { Message, Recipient } from '../../src/message/message.ts';
import { recipient, type TestMessageOptions, testMessage } from '../support/test-message.ts';

const NOTHING: SmtpExtensions = {
  hasPipelining: false,
  hasSize: false,
  maxSizeBytes: 0,
  has8bitMime: false,
  hasSmtpUtf8: false,
  hasDsn: false,
  hasChunking: false,
  hasEnhancedStatusCodes: false,
  hasStartTls: false,
  authMechanisms: [],
};

function message(parameters: string, options: TestMessageOptions = {}): Message {
  return testMessage({ ...options, mailParameters: parseParameters(parameters) ?? [] });
}

/** What stands behind the reverse-path, or why the message cannot go there. */
function mailParameters(subject: Message, extensions: Partial<SmtpExtensions>): string {
  const choice = chooseMailParameters(subject, { ...NOTHING, ...extensions }, 'ses');
  return choice.kind === 'possible' ? choice.parameters.map(formatParameter).join(' ') : choice.code;
}

function withParameters(id: number, parameters: string): Recipient {
  return { ...recipient(id, `r${id}@x.example`), parameters: parseParameters(parameters) ?? [] };
}

test('RET and ENVID go on to a downstream that offers DSN, and are left out for others (RFC 3461 §5.2)', () => {
  const subject = message('SIZE=1 RET=HDRS ENVID=a+2Bb BODY=7BIT AUTH=<>');
  assert.equal(mailParameters(subject, { hasDsn: true }), 'RET=HDRS ENVID=a+2Bb');
  assert.equal(mailParameters(subject, {}), '');
});

test('NOTIFY and ORCPT go on to a downstream that offers DSN, and are left out for others', () => {
  const recipients = [withParameters(0, 'NOTIFY=SUCCESS,DELAY ORCPT=rfc822;a@b'), withParameters(1, '')];
  assert.equal(chooseRecipients(recipients, { ...NOTHING, hasDsn: true }), recipients);
  const stripped = chooseRecipients(recipients, NOTHING);
  assert.deepEqual(
    stripped.map(({ id, path, parameters }) => [id, path.address, parameters.length]),
    [
      [0, 'r0@x.example', 0],
      [1, 'r1@x.example', 0],
    ],
  );
});

test('Recipients without parameters are handed on as they are, with nothing made anew', () => {
  const recipients = [withParameters(0, ''), withParameters(1, '')];
  assert.equal(chooseRecipients(recipients, NOTHING), recipients);
});

test('SMTPUTF8 is never downgraded where an address or the header section needs it (RFC 6531 §3.4)', () => {
  const needy: readonly TestMessageOptions[] = [
    { mailFrom: 'zoë@example.com' },
    { recipients: ['a@x.example', 'zoë@x.example'] },
    { content: 'Subject: Größe\r\n\r\nHello\r\n' },
  ];
  for (const options of needy) {
    const subject = message('SMTPUTF8', options);
    assert.match(mailParameters(subject, { hasSmtpUtf8: true, has8bitMime: true }), /SMTPUTF8$/);
    assert.equal(mailParameters(subject, { has8bitMime: true }), 'ROUTER_SMTPUTF8_NOT_OFFERED');
  }
});

test('SMTPUTF8 that a client says without need is not said on, and needs no downstream (RFC 6531 §3.4)', () => {
  const plain = message('SMTPUTF8');
  assert.equal(mailParameters(plain, {}), '');
  assert.equal(mailParameters(plain, { hasSmtpUtf8: true }), '');
  const eightBitBody = message('SMTPUTF8', { content: 'Subject: x\r\n\r\nGröße\r\n' });
  assert.equal(mailParameters(eightBitBody, { has8bitMime: true }), 'BODY=8BITMIME');
});

test('UTF-8 in the header section alone asks for nothing when the client did not say SMTPUTF8', () => {
  const subject = message('', { content: 'Subject: Größe\r\n\r\nHello\r\n' });
  assert.equal(mailParameters(subject, { has8bitMime: true }), 'BODY=8BITMIME');
});

test('BODY follows from the bytes, not from what the client said (RFC 6152)', () => {
  const eightBit = message('', { content: 'Subject: x\r\n\r\nä\r\n' });
  assert.equal(mailParameters(eightBit, { has8bitMime: true }), 'BODY=8BITMIME');
  assert.equal(mailParameters(eightBit, {}), 'ROUTER_8BITMIME_NOT_OFFERED');
  assert.equal(mailParameters(message('BODY=8BITMIME'), {}), '');
});

test('SIZE is that of the body, and a smaller limit is known before MAIL (RFC 1870)', () => {
  const subject = message('SIZE=1', { content: 'x'.repeat(98) });
  assert.equal(mailParameters(subject, { hasSize: true, maxSizeBytes: 98 }), 'SIZE=98');
  assert.equal(mailParameters(subject, { hasSize: true, maxSizeBytes: 97 }), 'ROUTER_SIZE_EXCEEDED');
  assert.equal(mailParameters(subject, { hasSize: true }), 'SIZE=98');
});
