import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('./logging-program.ts', import.meta.url));

function start(format: 'json' | 'pretty', ending: string): ChildProcess {
  return spawn(process.execPath, [PROGRAM, format, ending], { stdio: ['ignore', 'pipe', 'ignore'] });
}

/** What a logging program wrote until its end, as lines. */
async function linesOf(child: ChildProcess): Promise<readonly string[]> {
  const chunks: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(child, 'close');
  return Buffer.concat(chunks).toString().trimEnd().split('\n');
}

function assertAllLines(lines: readonly string[]): void {
  assert.equal(lines.length, 500);
  for (const [index, line] of lines.entries()) assert.match(line, new RegExp(`line ${index}\\b`));
}

test('buffered lines are written whole and in order however the process ends', async () => {
  for (const ending of ['return', 'exit', 'throw', 'drained']) {
    assertAllLines(await linesOf(start('json', ending)));
  }
});

test('a pipe gets JSON lines by default, and lines for people when asked', async () => {
  const [json, pretty] = await Promise.all([
    linesOf(start('json', 'return')),
    linesOf(start('pretty', 'return')),
  ]);
  assert.equal(JSON.parse(json[0] ?? '')['msg'], 'line 0');
  assertAllLines(pretty);
  assert.throws(() => JSON.parse(pretty[0] ?? ''));
});

test('a reader that goes away does not end the process', async () => {
  const child = start('json', 'linger');
  child.stdout?.destroy();
  const [code, signal] = await once(child, 'close');
  assert.deepEqual([code, signal], [0, null]);
});

test('the last lines before the end do not wait for a reader that went away', async () => {
  const child = start('json', 'drain-broken');
  child.stdout?.destroy();
  const [code, signal] = await once(child, 'close');
  assert.deepEqual([code, signal], [0, null]);
});
