import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { describe, test } from 'node:test';
import { type PasswordInput, readPassword } from '../../src/cli/read-password.ts';
import { Terminal } from '../../src/cli/terminal.ts';
import { RouterError } from '../../src/errors.ts';

interface Run {
  readonly pieces: readonly (string | Uint8Array)[];
  readonly isTTY?: boolean;
}

/** Gives the pieces as standard input would, and keeps what was shown. */
async function read({ pieces, isTTY = false }: Run) {
  const input = new PassThrough();
  const modes: boolean[] = [];
  const source: PasswordInput = Object.assign(input, {
    isTTY,
    setRawMode: (isRaw: boolean) => void modes.push(isRaw),
  });
  let shown = '';
  const output = { write: (text: string) => (shown += text), on: () => {} };
  const terminal = new Terminal({ stdout: output, stderr: output, env: {} });
  for (const piece of pieces) input.write(piece);
  if (!isTTY) input.end();
  let interrupts = 0;
  const onInterrupt = (): void => {
    interrupts += 1;
  };
  const password = await readPassword(source, terminal, onInterrupt).catch((error: unknown) => error);
  return { password, shown, modes, interrupts };
}

function assertUnusable(error: unknown, message: RegExp): void {
  assert.ok(error instanceof RouterError);
  assert.equal(error.code, 'ROUTER_PASSWORD_UNUSABLE');
  assert.match(error.message, message);
}

describe('from a pipe', () => {
  test('one line is the password, with or without its line break, however it is cut', async () => {
    const euro = Buffer.from('p\u20acss w\u00f6rd\r\n');
    for (const [pieces, password] of [
      [['secret\n'], 'secret'],
      [['secret'], 'secret'],
      [['  sec', 'ret \r\n'], '  secret '],
      [[euro.subarray(0, 2), euro.subarray(2)], 'p\u20acss w\u00f6rd'],
    ] as const) {
      const outcome = await read({ pieces });
      assert.equal(outcome.password, password);
      assert.deepEqual([outcome.shown, outcome.modes], ['', []]);
    }
  });

  test('nothing, several lines, control characters and endless input are refused', async () => {
    assertUnusable((await read({ pieces: [] })).password, /is empty/);
    assertUnusable((await read({ pieces: ['\n'] })).password, /is empty/);
    assertUnusable((await read({ pieces: ['a\nb\n'] })).password, /line break/);
    assertUnusable((await read({ pieces: ['a\tb'] })).password, /control character/);
    assertUnusable((await read({ pieces: ['x'.repeat(1_025)] })).password, /longer than 1024/);
    assertUnusable((await read({ pieces: Array(1_000).fill('x'.repeat(1_000)) })).password, /longer/);
  });
});

describe('from a terminal', () => {
  test('it is asked for twice, never shown, and the terminal is left as it was', async () => {
    const outcome = await read({ pieces: ['s3cr', 'et\r', 's3cret\r'], isTTY: true });
    assert.equal(outcome.password, 's3cret');
    assert.equal(outcome.shown, 'Password: \nAgain: \n');
    assert.deepEqual(outcome.modes, [true, false]);
  });

  test('mistakes can be taken back', async () => {
    const outcome = await read({
      pieces: ['nonsense\u0015pasz\u007fs\u00e9\u007f\r', 'pass\r'],
      isTTY: true,
    });
    assert.equal(outcome.password, 'pass');
  });

  test('two different lines are refused', async () => {
    const outcome = await read({ pieces: ['one\r', 'two\r'], isTTY: true });
    assertUnusable(outcome.password, /not typed the same twice/);
    assert.deepEqual(outcome.modes, [true, false]);
  });

  test('Ctrl-C interrupts, with the terminal as it was', async () => {
    const outcome = await read({ pieces: ['one\u0003'], isTTY: true });
    assert.equal(outcome.interrupts, 1);
    assert.deepEqual(outcome.modes, [true, false]);
    assert.ok(outcome.password instanceof RouterError);
  });
});
