import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SmtpClientOptions } from '../../src/client/client-options.ts';
import { REPLY_ACTIONS, type ReplyStep, STEP_PHASES } from '../../src/client/reply-action.ts';
import { bytesOf } from '../support/chunks.ts';
import { ClientDriver } from '../support/client-driver.ts';

const CREDENTIALS = { username: 'user', password: 'pass' };
const EHLO = '250-mx\r\n250-PIPELINING\r\n250 AUTH PLAIN\r\n';

/** How each step is reached; the reply to it is due at the end. */
const WAYS: Readonly<Record<Exclude<ReplyStep, 'quit'>, (driver: ClientDriver) => void>> = {
  greeting: () => {},
  ehlo: (driver) => say(driver, '220 mx\r\n'),
  helo: (driver) => say(driver, '220 mx\r\n', '500 no\r\n'),
  starttls: (driver) => say(driver, '220 mx\r\n', '250-mx\r\n250 STARTTLS\r\n'),
  auth: (driver) => say(driver, '220 mx\r\n', EHLO),
  'auth-cancel': (driver) => say(driver, '220 mx\r\n', EHLO, '334 \r\n'),
  mail: begun,
  rcpt: (driver) => {
    begun(driver);
    say(driver, '250 Ok\r\n');
  },
  data: (driver) => {
    begun(driver);
    say(driver, '250 Ok\r\n', '250 Ok\r\n');
  },
  dot: (driver) => {
    begun(driver);
    say(driver, '250 Ok\r\n', '250 Ok\r\n', '354 Go\r\n');
    driver.perform('contentSent');
  },
  chunk: (driver) => {
    say(driver, '220 mx\r\n', '250-mx\r\n250-CHUNKING\r\n250 PIPELINING\r\n');
    driver.perform('begin <a@b> -> <c@d> chunk=7');
    say(driver, '250 Ok\r\n', '250 Ok\r\n');
  },
  rset: (driver) => {
    say(driver, '220 mx\r\n', '250 mx\r\n');
    driver.perform('reset');
  },
};

function begun(driver: ClientDriver): void {
  say(driver, '220 mx\r\n', '250-mx\r\n250 PIPELINING\r\n');
  driver.perform('begin <a@b> -> <c@d>');
}

function say(driver: ClientDriver, ...replies: readonly string[]): void {
  for (const reply of replies) driver.feed([bytesOf(reply)]);
}

function optionsFor(step: ReplyStep): SmtpClientOptions {
  const isAuth = step === 'auth' || step === 'auth-cancel';
  return { heloName: 'c', isTls: isAuth, ...(isAuth && { credentials: CREDENTIALS }) };
}

function at(step: Exclude<ReplyStep, 'quit'>): ClientDriver {
  const driver = new ClientDriver(optionsFor(step));
  WAYS[step](driver);
  assert.equal(driver.session.phase, STEP_PHASES[step]);
  driver.events.length = 0;
  return driver;
}

const CODES = {
  'positive-completion': 250,
  'positive-intermediate': 354,
  'transient-negative': 450,
  'permanent-negative': 550,
} as const;

for (const step of Object.keys(WAYS) as (keyof typeof WAYS)[]) {
  for (const [kind, code] of Object.entries(CODES)) {
    const action = REPLY_ACTIONS[step][kind as keyof typeof CODES];
    test(`${code} at step ${step} leads to ${action}`, () => {
      const driver = at(step);
      say(driver, `${code} text\r\n`);
      const isNonsense = driver.events.some((event) => event.includes('SMTP_REPLY_UNEXPECTED'));
      assert.equal(isNonsense, action === 'nonsense');
      if (isNonsense)
        assert.deepEqual(driver.events, [`session-failed ${STEP_PHASES[step]} SMTP_REPLY_UNEXPECTED`]);
    });
  }

  test(`421 at step ${step} ends the session and is told with its phase (RFC 5321 §3.8)`, () => {
    const driver = at(step);
    say(driver, '421 4.3.2 Closing\r\n');
    assert.deepEqual(driver.events, [`session-failed ${STEP_PHASES[step]} SMTP_SERVICE_CLOSING 421`]);
  });

  test(`A connection that ends at step ${step} is told with its phase`, () => {
    const driver = at(step);
    driver.perform('end');
    assert.deepEqual(driver.events, [`session-failed ${STEP_PHASES[step]} SMTP_CONNECTION_CLOSED`]);
  });

  test(`A reply without end at step ${step} is told with its phase`, () => {
    const driver = at(step);
    say(driver, '250-x\r\n'.repeat(101));
    assert.deepEqual(driver.events, [`session-failed ${STEP_PHASES[step]} SMTP_REPLY_TOO_LONG`]);
    say(driver, '250 x\r\n');
    assert.equal(driver.events.length, 1);
  });
}
