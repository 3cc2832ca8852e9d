import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type SenderRuleOptions, SenderRules } from '../../src/downstream/sender-rules.ts';
import { createMemoryBody } from '../../src/message/memory-body.ts';
import type { Message } from '../../src/message/message.ts';
import { path, testMessage } from '../support/test-message.ts';

function mail(from: string, header = 'From: Ann <a@example.com>'): Message {
  const message = testMessage({ content: `${header}\r\n\r\nHello\r\n` });
  return { ...message, envelope: { ...message.envelope, reversePath: path(from) } };
}

function verdict(options: SenderRuleOptions, message: Message): string {
  const result = new SenderRules(options).apply(message);
  if (result.kind === 'unsendable') return `${result.code}: ${result.what}`;
  const { envelope, body } = result.message;
  return `<${envelope.reversePath.address}> ${Buffer.from(body.headerSection).toString().split('\r\n', 3).join('|')}`;
}

const OWN = ['*@example.com'];

test('envelope sender and every mailbox of From are compared with verified_from', () => {
  const rules = { verifiedFrom: OWN };
  assert.match(verdict(rules, mail('b@example.com')), /^<b@example\.com> From: Ann <a@example\.com>/);
  assert.match(
    verdict(rules, mail('b@other.example')),
    /^ROUTER_SENDER_NOT_VERIFIED: .* the envelope sender b@other\.example$/,
  );
  for (const header of [
    'From: a@other.example',
    'From: a@example.com, a@other.example',
    'From: a@example.com\r\nFrom: a@other.example',
  ]) {
    assert.match(
      verdict(rules, mail('b@example.com', header)),
      /^ROUTER_SENDER_NOT_VERIFIED: .* a@other\.example of From$/,
    );
  }
});

test('a From that is missing or cannot be read is left to the downstream', () => {
  for (const header of ['Subject: x', 'From: nobody', 'From: a@other.example <b@example.com>']) {
    assert.match(verdict({ verifiedFrom: OWN }, mail('b@example.com', header)), /^<b@example\.com>/);
  }
});

test('what is compared is what would go out', () => {
  const rewriting = { rewriteFrom: 'no-reply@example.com', rewriteMailFrom: 'bounces@example.com' };
  const foreign = mail('b@other.example', 'From: Ann <a@other.example>');
  assert.equal(
    verdict({ verifiedFrom: OWN, ...rewriting }, foreign),
    '<bounces@example.com> Reply-To: a@other.example|From: Ann <no-reply@example.com>|',
  );
  assert.match(
    verdict({ verifiedFrom: ['x@y.example'], ...rewriting }, foreign),
    /envelope sender bounces@example\.com$/,
  );
});

test('a message whose From cannot be rewritten is not sent with the old one', () => {
  assert.equal(
    verdict({ rewriteFrom: 'no-reply@example.com' }, mail('b@x.example', 'From: a@x, b@x')),
    'ROUTER_FROM_NOT_REWRITABLE: was not asked: From of the message cannot be rewritten, its From field has several mailboxes',
  );
});

test('mail with the null reverse-path goes as it is (RFC 5321 §4.5.5)', () => {
  const rules = new SenderRules({
    verifiedFrom: OWN,
    rewriteFrom: 'no-reply@example.com',
    rewriteMailFrom: 'bounces@example.com',
  });
  for (const header of ['From: MAILER-DAEMON@other.example', 'Subject: no From']) {
    const bounce = mail('', header);
    const result = rules.apply(bounce);
    assert.ok(result.kind === 'sendable' && result.message === bounce);
  }
});

test('a message that needs no change is the very same object', () => {
  const rules = new SenderRules({ rewriteFrom: 'a@example.com', rewriteMailFrom: 'b@example.com' });
  const message = mail('b@example.com');
  const result = rules.apply(message);
  assert.ok(result.kind === 'sendable' && result.message === message);
});

test('signatures over From that rewriting breaks are named, others are not', () => {
  const header =
    'DKIM-Signature: d=a.example; h=from:to\r\nDKIM-Signature: d=b.example; h=to\r\nFrom: a@example.com';
  const broken = (options: SenderRuleOptions): readonly string[] | false => {
    const result = new SenderRules(options).apply(mail('b@example.com', header));
    return result.kind === 'sendable' && result.brokenSignatures;
  };
  assert.deepEqual(broken({ rewriteFrom: 'x@y.example' }), ['a.example']);
  assert.deepEqual(broken({ rewriteFrom: 'a@example.com' }), []);
  assert.deepEqual(broken({ rewriteMailFrom: 'x@y.example' }), []);
});

test('the header is read once, however often a message is tried', () => {
  let reads = 0;
  const body = createMemoryBody([Buffer.from('From: a@example.com\r\n\r\n')]);
  const counting = new Proxy(body, {
    get(target, key) {
      if (key === 'headerSection') reads += 1;
      return Reflect.get(target, key, target);
    },
  });
  const message = { ...mail('b@example.com'), body: counting };
  const rules = new SenderRules({ verifiedFrom: OWN });
  assert.equal(rules.apply(message), rules.apply(message));
  assert.equal(reads, 1);
});
