import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type BounceOptions, composeBounce, reportedMail } from '../../src/delivery/bounce.ts';
import type { FailedRecipient } from '../../src/delivery/settle-round.ts';
import type { Message } from '../../src/message/message.ts';
import { sessionFacts, testMessage } from '../support/test-message.ts';
import { undelivered } from './outcome-samples.ts';

const NOW = 1_700_000_000_000;
const OPTIONS: BounceOptions = { hostname: 'router.example', to: 'sender', from: '' };

function refused(recipientId: number, text = 'nobody'): FailedRecipient {
  return { recipientId, kind: 'refused', outcome: undelivered('failed', 'recipient', 550, text) };
}

function mailOf(options: Parameters<typeof testMessage>[0] = {}, isAuthenticated = true): Message {
  return { ...testMessage(options), session: sessionFacts({ isAuthenticated }) };
}

function bounceOf(message: Message, options: Partial<BounceOptions> = {}, failed = [refused(0)]) {
  const mail = reportedMail(message);
  return composeBounce({ mail, failed, id: 'r1', now: NOW, options: { ...OPTIONS, ...options } });
}

function textOf(message: Message, failed?: FailedRecipient[]): string {
  const bounce = bounceOf(message, {}, failed);
  assert.equal(bounce.kind, 'report');
  const [content = new Uint8Array()] =
    bounce.kind === 'report' ? [...(bounce.message.body.read() as Uint8Array[])] : [];
  return Buffer.from(content).toString('utf8');
}

describe('a report', () => {
  test('is an automatic answer from nobody to the sender, which is not reported itself (RFC 3461 §6.1)', () => {
    const bounce = bounceOf(mailOf({ mailFrom: 'a@example.com' }));
    assert.ok(bounce.kind === 'report');
    const { reversePath, forwardPaths } = bounce.message.envelope;
    assert.equal(reversePath.address, '');
    assert.deepEqual(
      forwardPaths.map(({ path, parameters }) => [path.address, parameters]),
      [['a@example.com', [{ keyword: 'NOTIFY', value: 'NEVER' }]]],
    );
    assert.match(textOf(mailOf()), /^Auto-Submitted: auto-replied\r$/m);
  });

  test('has three parts, each line of it ends with CRLF and none is too long (RFC 3464, RFC 5322 §2.1.1)', () => {
    const long = `Subject: ${'x'.repeat(2_000)}\r\nTo: b@x.example\r\n\r\nsecret text\r\n`;
    const text = textOf(mailOf({ content: long }), [refused(0, 'y'.repeat(3_000))]);
    assert.equal(text.split('--report-r1').length, 5);
    assert.match(text, /\r\n--report-r1--\r\n$/);
    assert.ok(text.split('\r\n').every((line) => line.length <= 998));
    assert.doesNotMatch(text, /[^\r]\n/);
    assert.match(text, /^To: b@x\.example\r$/m);
    assert.doesNotMatch(text, /secret text/);
  });

  test('tells of each recipient that failed, and of no other', () => {
    const message = mailOf({ recipients: ['a@x.example', 'b@x.example', 'c@x.example'] });
    const text = textOf(message, [refused(0), { ...refused(2), kind: 'expired' }]);
    assert.deepEqual(
      text.match(/^Final-Recipient: .*$/gm)?.map((line) => line.trim()),
      ['Final-Recipient: rfc822; a@x.example', 'Final-Recipient: rfc822; c@x.example'],
    );
    assert.deepEqual(
      text.match(/^Status: .*$/gm)?.map((line) => line.trim()),
      ['Status: 5.1.1', 'Status: 5.4.7'],
    );
  });

  test('says what the sender asked to be told: ENVID, ORCPT (RFC 3461 §6.3)', () => {
    const message = mailOf({ mailParameters: [{ keyword: 'ENVID', value: 'q1' }] });
    const [first] = message.envelope.forwardPaths;
    assert.ok(first !== undefined);
    const parameters = [{ keyword: 'ORCPT', value: 'rfc822;old@x.example' }];
    const envelope = { ...message.envelope, forwardPaths: [{ ...first, parameters }] };
    const text = textOf({ ...message, envelope });
    assert.match(text, /^Original-Envelope-Id: q1\r$/m);
    assert.match(text, /^Original-Recipient: rfc822; old@x\.example\r$/m);
  });

  test('of internationalised mail is one, too (RFC 6533)', () => {
    const text = textOf(mailOf({ recipients: ['grüße@bücher.example'] }));
    assert.match(text, /report-type=global-delivery-status/);
    assert.match(text, /^Final-Recipient: utf-8; grüße@bücher\.example\r$/m);
  });

  for (const [title, message, options] of [
    ['an automatic answer', mailOf({ mailFrom: '' }), {}],
    ['a sender who had not logged in', mailOf({}, false), {}],
    ['anybody when bounces.to is none', mailOf(), { to: 'none' }],
  ] as const) {
    test(`is not sent to ${title}`, () => {
      assert.equal(bounceOf(message, options).kind, 'none');
    });
  }

  test('goes where bounces.to says, even for a sender who had not logged in', () => {
    const bounce = bounceOf(mailOf({}, false), { to: 'postmaster@example.com', user: '<reports>' });
    assert.ok(bounce.kind === 'report');
    assert.equal(bounce.message.envelope.forwardPaths[0]?.path.address, 'postmaster@example.com');
    assert.equal(bounce.message.session.user, '<reports>');
  });

  test('is not sent when the sender wants none (RFC 3461 §4.1)', () => {
    const message = mailOf();
    const [first] = message.envelope.forwardPaths;
    assert.ok(first !== undefined);
    const parameters = [{ keyword: 'NOTIFY', value: 'SUCCESS,DELAY' }];
    const envelope = { ...message.envelope, forwardPaths: [{ ...first, parameters }] };
    assert.equal(bounceOf({ ...message, envelope }).kind, 'none');
  });
});
