import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CredentialMask } from '../../src/downstream/credential-mask.ts';
import type { TransactionResult } from '../../src/downstream/mail-transaction.ts';

const LOGIN = { username: 'login', password: 'planted-secret' };

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

const FORMS = [
  LOGIN.password,
  base64(LOGIN.password),
  base64(`\0${LOGIN.username}\0${LOGIN.password}`),
  base64(`${LOGIN.username}\0${LOGIN.username}\0${LOGIN.password}`),
];

for (const form of FORMS) {
  const reply = { code: 250, lines: ['first', `taken with ${form}, twice ${form}`] };
  const masked = { code: 250, lines: ['first', 'taken with [secret], twice [secret]'] };

  test(`A reply that repeats the login as ${form} is masked, wherever it came`, () => {
    const mask = new CredentialMask(LOGIN);
    const replied: TransactionResult = {
      recipientReplies: [undefined, reply],
      end: { kind: 'replied', phase: 'dot', reply },
    };
    assert.deepEqual(mask.result(replied), {
      recipientReplies: [undefined, masked],
      end: { kind: 'replied', phase: 'dot', reply: masked },
    });
    const failure = { kind: 'failed', phase: 'auth', code: 'SMTP_AUTH_REFUSED' } as const;
    const failed: TransactionResult = {
      recipientReplies: [],
      end: { ...failure, message: `answered ${form}.`, reply },
    };
    assert.deepEqual(mask.result(failed), {
      recipientReplies: [],
      end: { ...failure, message: 'answered [secret].', reply: masked },
    });
  });
}

test('Without a login nothing is touched', () => {
  const result: TransactionResult = { recipientReplies: [], end: { kind: 'withheld', phase: 'rcpt' } };
  assert.equal(new CredentialMask(undefined).result(result), result);
});

test('A very short password does not garble ordinary words', () => {
  const reply = { code: 250, lines: ['ok taken'] };
  const result: TransactionResult = { recipientReplies: [], end: { kind: 'replied', phase: 'dot', reply } };
  assert.deepEqual(new CredentialMask({ username: 'u', password: 'ok' }).result(result), result);
});
