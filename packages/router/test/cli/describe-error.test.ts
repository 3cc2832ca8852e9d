import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { GO_PLUGIN_ERRORS } from '@smtp-router/go-plugin/errors';
import { SELECTOR_ERRORS } from '@smtp-router/selector/errors';
import { SMTP_ERRORS } from '@smtp-router/smtp/errors';
import { describeError, describeFailure } from '../../src/cli/describe-error.ts';
import { EXIT, exitCodeOf } from '../../src/cli/exit-code.ts';
import { reportError } from '../../src/cli/report-error.ts';
import { Terminal } from '../../src/cli/terminal.ts';
import { type ErrorEntry, ROUTER_ERRORS, RouterError, type RouterErrorCode } from '../../src/errors.ts';

const CATALOGUES: Readonly<Record<string, Readonly<Record<string, ErrorEntry>>>> = {
  ROUTER_ERRORS,
  GO_PLUGIN_ERRORS,
  SELECTOR_ERRORS,
  SMTP_ERRORS,
};

/** A terminal that keeps what it is told. */
function capture(env: Record<string, string> = {}, isTTY = false) {
  const lines = { out: '', error: '' };
  const stream = (key: 'out' | 'error') => ({
    isTTY,
    on: () => {},
    write: (text: string) => {
      lines[key] += text;
      return true;
    },
  });
  return { terminal: new Terminal({ stdout: stream('out'), stderr: stream('error'), env }), lines };
}

for (const [name, catalogue] of Object.entries(CATALOGUES)) {
  describe(`every code of ${name}`, () => {
    for (const [code, entry] of Object.entries(catalogue)) {
      test(`${code} is one line that names the thing, the way out and the code`, () => {
        const text = describeFailure(code, 'The thing "x" did not work.');
        assert.match(text, /^The thing "x" did not work; [^\n]{10,} \[[A-Z0-9_]+\]$/);
        assert.ok(text.toLowerCase().includes(entry.remedy.toLowerCase()), text);
        for (const part of [entry.meaning, entry.cause, entry.remedy]) assert.match(part, /^\S[^\n]*[.!?]$/);
      });
    }
  });
}

test('a stack shows only where it was asked for', () => {
  for (const code of Object.keys(ROUTER_ERRORS) as RouterErrorCode[]) {
    const error = new RouterError(code, 'The file "x" is odd.', { cause: new Error('inner') });
    const { terminal, lines } = capture();
    reportError(error, terminal, false);
    assert.doesNotMatch(lines.error, /\n./, 'one line');
    assert.doesNotMatch(lines.error, /inner|\.ts:\d+/);
    reportError(error, terminal, true);
    assert.match(lines.error, /describe-error\.test\.ts:\d+[\s\S]*caused by Error: inner/);
  }
});

test('anything unexpected is called an internal error and ends with 70', () => {
  for (const error of [new TypeError('x is not a function\nsecond line'), 'text', undefined]) {
    assert.match(describeError(error), /^internal error: [^\n]+ \[ROUTER_INTERNAL\]$/);
    assert.equal(exitCodeOf(error), EXIT.internal);
  }
});

test('exit codes tell configuration, try-later and failure apart', () => {
  const codeOf = (code: RouterErrorCode) => exitCodeOf(new RouterError(code, 'x'));
  assert.equal(codeOf('CONFIG_SYNTAX'), 78);
  assert.equal(codeOf('ROUTER_STATE_DIR_UNUSABLE'), 78);
  assert.equal(codeOf('ROUTER_ADDRESS_UNUSABLE'), 78);
  assert.equal(codeOf('ROUTER_ADDRESS_IN_USE'), 75);
  assert.equal(codeOf('ROUTER_NOT_RUNNING'), 75);
  assert.equal(codeOf('ROUTER_BAD_MESSAGE_FILE'), 1);
  assert.equal(codeOf('ROUTER_INTERNAL'), 70);
});

test('colour is for terminals, unless NO_COLOR asks for none', () => {
  const shown = (env: Record<string, string>, isTTY: boolean) =>
    capture(env, isTTY).terminal.paint('red', 'x');
  assert.equal(shown({}, true), '\u001b[31mx\u001b[39m');
  assert.equal(shown({ NO_COLOR: '' }, true), '\u001b[31mx\u001b[39m');
  assert.equal(shown({}, false), 'x');
  assert.equal(shown({ NO_COLOR: '1' }, true), 'x');
  assert.equal(shown({ TERM: 'dumb' }, true), 'x');
});
