import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { KNOWN_FOR_MS } from '../../src/submission/known-passwords.ts';
import { PasswordAuthenticator, type PasswordUser } from '../../src/submission/password-authenticator.ts';
import { hashPassword } from '../../src/submission/password-hash.ts';
import { TestClock } from '../test-clock.ts';

const CLIENT = '192.0.2.7';
const REFUSED = { kind: 'refused' };

/** Hashes of this test are `hash of <password>`; a check waits until the test lets it end. */
function setUp(users: readonly PasswordUser[], maxConcurrentHashes = 2) {
  const clock = new TestClock();
  /** What was hashed, in order. */
  const hashed: string[] = [];
  const waiting: (() => void)[] = [];
  const verify = (phc: string, password: string): Promise<boolean> => {
    hashed.push(password);
    const { promise, resolve } = Promise.withResolvers<boolean>();
    waiting.push(() => resolve(phc === `hash of ${password}`));
    return promise;
  };
  const subject = new PasswordAuthenticator(users, { verify, clock, maxConcurrentHashes });
  /** Lets checks end, those they make room for too, until none is left. */
  const finish = async (): Promise<void> => {
    for (let end = waiting.shift(); end !== undefined; end = waiting.shift()) {
      end();
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const login = async (name: string, password: string, clientAddress = CLIENT) => {
    const verdict = subject.authenticate(name, password, clientAddress);
    await finish();
    return verdict;
  };
  return { subject, clock, hashed, finish, login };
}

const ANN = { email: 'Ann@Example.com', passwordHash: 'hash of right' };
const BOB = { email: 'bob@example.com', passwordHash: 'hash of bobs' };
const ANN_IN = { kind: 'accepted', user: 'Ann@Example.com' };

test('a user logs in by any case of the name and the exact password only', () => {
  const subject = new PasswordAuthenticator([
    { email: 'App@Example.com', password: 'Pass' },
    { email: 'other@example.com', password: '' },
  ]);
  const verdict = (name: string, password: string) => subject.authenticate(name, password, CLIENT);
  assert.deepEqual(verdict('app@EXAMPLE.com', 'Pass'), { kind: 'accepted', user: 'App@Example.com' });
  assert.deepEqual(verdict('app@example.com', 'pass'), REFUSED);
  assert.deepEqual(verdict('app@example.com', ''), REFUSED);
  assert.deepEqual(verdict('app@example.com', 'Pass '), REFUSED);
  assert.deepEqual(verdict('', ''), REFUSED);
  assert.deepEqual(verdict('nobody', ''), REFUSED);
});

test('no two different passwords are taken for each other', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (one, other) => {
      const subject = new PasswordAuthenticator([{ email: 'a@b', password: one }]);
      const verdict = subject.authenticate('a@b', other, CLIENT);
      assert.deepEqual(verdict, one === other ? { kind: 'accepted', user: 'a@b' } : REFUSED);
    }),
  );
});

test('no password can be read from an authenticator', async () => {
  const { subject, login } = setUp([{ email: 'a@b', password: 'S3CRET' }, ANN]);
  await login('ann@example.com', 'right');
  const shown = `${inspect(subject, { depth: null, showHidden: true })}${JSON.stringify(subject)}`;
  assert.doesNotMatch(shown, /S3CRET|right/);
});

test('a real hash is checked: argon2id, a salt of its own each time', async () => {
  const [one, other] = await Promise.all([hashPassword('pässword'), hashPassword('pässword')]);
  assert.match(one, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  assert.notEqual(one, other);
  const subject = new PasswordAuthenticator([{ email: 'a@b', passwordHash: one }]);
  const accepted = { kind: 'accepted', user: 'a@b' };
  assert.deepEqual(await subject.authenticate('a@b', 'pässword', CLIENT), accepted);
  assert.deepEqual(await subject.authenticate('a@b', 'password', CLIENT), REFUSED);
  assert.deepEqual(await subject.authenticate('nobody', 'pässword', CLIENT), REFUSED);
});

test('a right password is hashed once, then known; a wrong one is hashed each time', async () => {
  const { login, hashed, subject } = setUp([ANN]);
  assert.deepEqual(await login('ann@example.com', 'right'), ANN_IN);
  for (const name of ['ann@example.com', 'ANN@example.com']) {
    assert.deepEqual(subject.authenticate(name, 'right', '2001:db8::1'), ANN_IN);
  }
  assert.deepEqual(hashed, ['right']);
  for (let count = 0; count < 3; count += 1) assert.deepEqual(await login('ann@example.com', 'no'), REFUSED);
  assert.deepEqual(hashed, ['right', 'no', 'no', 'no']);
});

test('a known password is forgotten an hour after it was last of use', async () => {
  const { login, hashed, clock } = setUp([ANN]);
  await login('ann@example.com', 'right');
  for (let count = 0; count < 5; count += 1) {
    clock.advance(KNOWN_FOR_MS - 1);
    assert.deepEqual(await login('ann@example.com', 'right'), ANN_IN);
  }
  assert.equal(hashed.length, 1);
  clock.advance(KNOWN_FOR_MS);
  assert.deepEqual(await login('ann@example.com', 'right'), ANN_IN);
  assert.equal(hashed.length, 2);
});

test('a refusal costs one hash, whether the user exists or not and however its password is kept', async () => {
  const { login, hashed } = setUp([ANN, BOB, { email: 'clear@example.com', password: 'clear' }]);
  const names = [
    'ann@example.com',
    'bob@example.com',
    'clear@example.com',
    'nobody@example.com',
    '',
    '__proto__',
  ];
  for (const name of names) {
    const before = hashed.length;
    assert.deepEqual(await login(name, 'wrong'), REFUSED, name);
    assert.equal(hashed.length - before, 1, name);
  }
});

test('a name that nobody has is refused with the password of every user', async () => {
  const { login } = setUp([ANN, BOB, { email: 'clear@example.com', password: 'clear' }]);
  for (let count = 0; count < 20; count += 1) {
    for (const password of ['right', 'bobs', 'clear']) {
      assert.deepEqual(await login(`nobody-${count}@example.com`, password), REFUSED);
    }
  }
  assert.deepEqual(await login('clear@example.com', 'right'), REFUSED);
  assert.deepEqual(await login('ann@example.com', 'bobs'), REFUSED);
});

test('many connections with the same login share one hash', async () => {
  const { subject, hashed, finish } = setUp([ANN], 1);
  const verdicts = Array.from({ length: 500 }, () =>
    subject.authenticate('ann@example.com', 'right', CLIENT),
  );
  await finish();
  for (const verdict of await Promise.all(verdicts)) assert.deepEqual(verdict, ANN_IN);
  assert.deepEqual(hashed, ['right']);
});

test('few hashes are computed at a time, few wait, and what finds no place is told so unchecked', async () => {
  const { subject, hashed, finish } = setUp([ANN], 2);
  const guess = (number: number) => subject.authenticate('ann@example.com', `guess ${number}`, CLIENT);
  const verdicts = Array.from({ length: 20 }, (_, number) => guess(number));
  assert.deepEqual(hashed, ['guess 0', 'guess 1']);
  await finish();
  const kinds = (await Promise.all(verdicts)).map(({ kind }) => kind);
  assert.deepEqual(kinds, [...Array(10).fill('refused'), ...Array(10).fill('busy')]);
  assert.equal(hashed.length, 10);
});

test('a right password from elsewhere finds a place while one address floods the line, and many do', async () => {
  const { subject, hashed, finish } = setUp([ANN], 1);
  const flood = Array.from({ length: 1_000 }, (_, number) =>
    subject.authenticate('ann@example.com', `guess ${number}`, `198.51.100.${number % 20}`),
  );
  const honest = subject.authenticate('ann@example.com', 'right', CLIENT);
  await finish();
  assert.deepEqual(await honest, ANN_IN);
  assert.ok(hashed.indexOf('right') <= 21, 'the addresses took turns');
  await Promise.all(flood);
});

test('a check that fails rejects, and the next one is done', async () => {
  const answers = [Promise.reject(new Error('no memory')), Promise.resolve(true)];
  const verify = (): Promise<boolean> => answers.shift() ?? Promise.resolve(false);
  const subject = new PasswordAuthenticator([ANN], { verify, maxConcurrentHashes: 1 });
  await assert.rejects(async () => subject.authenticate('ann@example.com', 'right', CLIENT), /no memory/);
  assert.deepEqual(await subject.authenticate('ann@example.com', 'right', CLIENT), ANN_IN);
});

test('A password that was renewed is right from then on, the former one wrong; hashes and strangers stay', async () => {
  const { subject, login } = setUp([
    { email: 'A@x.example', password: 'former' },
    { email: 'b@x.example', passwordHash: 'hash of kept' },
  ]);
  subject.renewPassword('a@X.example', 'newer');
  subject.renewPassword('b@x.example', 'newer');
  subject.renewPassword('nobody@x.example', 'newer');
  assert.deepEqual(await login('a@x.example', 'newer'), { kind: 'accepted', user: 'A@x.example' });
  assert.deepEqual(await login('a@x.example', 'former'), REFUSED);
  assert.deepEqual(await login('b@x.example', 'newer'), REFUSED);
  assert.deepEqual(await login('b@x.example', 'kept'), { kind: 'accepted', user: 'b@x.example' });
  assert.deepEqual(await login('nobody@x.example', 'newer'), REFUSED);
});
