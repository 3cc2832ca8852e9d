import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { BatchWriter, type BatchWriterOptions } from '../../src/telemetry/batch-writer.ts';

/** Longer than any test: only what is asked for is flushed. */
const NEVER_MS = 1_000_000_000;

/** By a program that every POSIX system has in one of these folders, whatever PATH says. */
function makePipe(path: string): void {
  execFileSync('mkfifo', [path], { env: { PATH: '/usr/bin:/bin' } });
}

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'batch-writer-'));
  t.after(() => rmSync(path, { recursive: true }));
  return path;
}

function opened(t: TestContext, path: string, flags: string | number): number {
  const fd = openSync(path, flags);
  t.after(() => closeSync(fd));
  return fd;
}

function writing(t: TestContext, changes: Partial<BatchWriterOptions> = {}) {
  const file = join(folder(t), 'log');
  const fd = opened(t, file, 'a');
  const limits = { batchBytes: 1_000, delayMs: NEVER_MS, maxPendingBytes: 1_000_000 };
  const writer = new BatchWriter({ fd, ...limits, ...changes });
  return { writer, text: () => readFileSync(file, 'utf8') };
}

/** A pipe with a name, whose ends do not block. */
function pipe(t: TestContext): { readonly reader: number; readonly writer: number } {
  const path = join(folder(t), 'pipe');
  makePipe(path);
  const reader = opened(t, path, constants.O_RDONLY | constants.O_NONBLOCK);
  return { reader, writer: openSync(path, constants.O_WRONLY | constants.O_NONBLOCK) };
}

test('texts wait for a batch and are written in order, longer ones than a batch too', async (t) => {
  const { writer, text } = writing(t);
  const texts = ['short', '€ äöü 🙂', 'x'.repeat(70_000), 'end'];
  for (const one of texts.slice(0, 2)) writer.write(one);
  assert.equal(text(), '');
  for (const one of texts.slice(2)) writer.write(one);
  await writer.drained();
  assert.equal(text(), texts.join(''));
});

test('ten thousand texts written while writes run come out whole, in order, once', async (t) => {
  const { writer, text } = writing(t, { batchBytes: 100 });
  let expected = '';
  for (let index = 0; index < 10_000; index += 1) {
    const line = `line ${index} ${'é'.repeat(index % 40)}\n`;
    expected += line;
    writer.write(line);
    if (index % 1_000 === 0) await writer.drained();
  }
  await writer.drained();
  assert.equal(text(), expected);
});

test('less than a batch is written after the delay', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { writer, text } = writing(t, { delayMs: 100 });
  writer.write('a');
  t.mock.timers.tick(99);
  assert.equal(text(), '');
  t.mock.timers.tick(1);
  await writer.drained();
  assert.equal(text(), 'a');
});

test('what comes beyond the limit of pending bytes is dropped, whole texts only', async (t) => {
  const { writer, text } = writing(t, { maxPendingBytes: 400, batchBytes: 10_000 });
  for (let index = 0; index < 10; index += 1) writer.write('x'.repeat(100));
  await writer.drained();
  assert.equal(text(), 'x'.repeat(200));
  writer.write('more');
  await writer.drained();
  assert.equal(text(), `${'x'.repeat(200)}more`);
});

test('a pipe that is full is tried again until its reader reads', async (t) => {
  const { reader, writer: fd } = pipe(t);
  t.after(() => closeSync(fd));
  const block = Buffer.alloc(65_536);
  let filled = 0;
  assert.throws(() => {
    for (;;) filled += writeSync(fd, block);
  }, /EAGAIN/);
  const writer = new BatchWriter({ fd, batchBytes: 0, delayMs: NEVER_MS, maxPendingBytes: 1_000_000 });
  writer.write('at last');
  await writer.drained();
  for (let read = 0; read < filled; ) read += readSync(reader, block);
  await writer.drained();
  assert.equal(block.subarray(0, readSync(reader, block)).toString(), 'at last');
});

test('a reader that is gone ends all, without an error and without waiting', async (t) => {
  const path = join(folder(t), 'pipe');
  makePipe(path);
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const fd = opened(t, path, constants.O_WRONLY | constants.O_NONBLOCK);
  closeSync(reader);
  const listeners = process.listenerCount('exit');
  const writer = new BatchWriter({ fd, batchBytes: 0, delayMs: NEVER_MS, maxPendingBytes: 1_000_000 });
  writer.write('nobody reads this');
  assert.equal(process.listenerCount('exit'), listeners + 1);
  await writer.drained();
  writer.write('nor this');
  await writer.drained();
  assert.equal(process.listenerCount('exit'), listeners);
});
