import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  COMMAND_TRANSITIONS,
  type CommandState,
  isCommandState,
  knownVerb,
  type SmtpServerState,
  type SmtpVerb,
} from '../../src/server/server-state.ts';
import { bytesOf } from '../support/chunks.ts';
import { ServerDriver } from '../support/server-driver.ts';

const OPTIONS = {
  hostname: 'mx.example',
  auth: ['PLAIN'],
  isStartTlsOffered: true,
  isChunkingOffered: true,
} as const;

/** How each state is reached. */
const WAYS: Readonly<Record<CommandState, string>> = {
  connected: '',
  greeted: 'EHLO c\r\n',
  mail: 'EHLO c\r\nMAIL FROM:<a@b>\r\n',
  rcpt: 'EHLO c\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\n',
  chunks: 'EHLO c\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nBDAT 1\r\nx',
};

/** A well-formed command of each verb. */
const COMMANDS: Readonly<Record<SmtpVerb, string>> = {
  EHLO: 'EHLO c',
  HELO: 'HELO c',
  STARTTLS: 'STARTTLS',
  AUTH: 'AUTH PLAIN',
  MAIL: 'MAIL FROM:<x@y>',
  RCPT: 'RCPT TO:<x@y>',
  DATA: 'DATA',
  BDAT: 'BDAT 0',
  RSET: 'RSET',
  NOOP: 'NOOP',
  VRFY: 'VRFY x',
  HELP: 'HELP',
  QUIT: 'QUIT',
};

/** The state, seen from outside: which commands are out of sequence now. */
function stateOf(driver: ServerDriver): SmtpServerState {
  if (driver.session.phase !== 'command')
    return { content: 'content', tls: 'tls', closed: 'closed', answer: 'auth' }[
      driver.session.phase
    ] as SmtpServerState;
  if (driver.output.endsWith('334 \r\n')) return 'auth';
  if (isAccepted(driver, 'DATA')) return 'rcpt';
  if (isAccepted(driver, 'BDAT 0')) return 'chunks';
  if (isAccepted(driver, 'RCPT TO:<probe@y>')) return 'mail';
  return isAccepted(driver, 'MAIL FROM:<probe@y>') ? 'greeted' : 'connected';
}

function isAccepted(driver: ServerDriver, command: string): boolean {
  const before = driver.output.length;
  driver.feed([bytesOf(`${command}\r\n`)]);
  return !driver.output.slice(before).startsWith('503');
}

for (const [state, way] of Object.entries(WAYS)) {
  for (const [verb, command] of Object.entries(COMMANDS)) {
    const next = COMMAND_TRANSITIONS[state as CommandState][verb as SmtpVerb];
    test(`${verb} in state ${state} ${next === undefined ? 'is out of sequence' : `leads to ${next}`} (RFC 5321 §4.1.4)`, () => {
      const driver = new ServerDriver(OPTIONS).feed([bytesOf(way)]);
      const before = driver.output.length;
      driver.feed([bytesOf(`${command}\r\n`)]);
      assert.equal(driver.output.slice(before).startsWith('503'), next === undefined);
      // The end of an empty chunk is there at once.
      assert.equal(stateOf(driver), next === 'chunk' ? 'chunks' : (next ?? state));
    });
  }
}

test('Only states with a row in the table read commands', () => {
  assert.equal(isCommandState('content'), false);
  assert.equal(isCommandState('mail'), true);
  for (const name of ['toString', '__proto__', 'constructor']) assert.equal(knownVerb(name), undefined);
});
