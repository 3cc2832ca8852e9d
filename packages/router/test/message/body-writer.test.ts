import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, test } from 'node:test';
import fc from 'fast-check';
import { RouterError } from '../../src/errors.ts';
import { BodyWriter } from '../../src/message/body-writer.ts';
import { createMemoryBody } from '../../src/message/memory-body.ts';
import type { MessageBody } from '../../src/message/message-body.ts';
import { TestStorage } from '../support/test-storage.ts';

const MIB = 1024 * 1024;
const NO_PREFIX = new Uint8Array(0);

let storage: TestStorage;

beforeEach(async () => {
  storage = new TestStorage(4 * MIB);
  await storage.files.sweep();
});

afterEach(() => storage.remove());

/** Appends and waits as a session does. */
async function write(writer: BodyWriter, ...chunks: readonly Uint8Array[]): Promise<void> {
  for (const chunk of chunks) {
    writer.append(chunk);
    await writer.makeRoom();
  }
}

async function bytesOf(body: MessageBody): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of body.read()) pieces.push(piece);
  return Buffer.concat(pieces);
}

function filled(bytes: number, value = 120): Buffer {
  return Buffer.alloc(bytes, value);
}

async function isAllGivenBack(): Promise<void> {
  await storage.files.settled();
  assert.deepEqual(
    {
      memory: storage.budget.usedBytes,
      files: storage.files.open,
      bytes: storage.files.storedBytes,
      names: storage.names,
    },
    { memory: 0, files: 0, bytes: 0, names: [] },
  );
}

test('The header section can be looked at before the body is finished', () => {
  const writer = new BodyWriter();
  writer.append(Buffer.from('A: 1\r\n'));
  assert.equal(Buffer.from(writer.headerSection()).toString(), 'A: 1\r\n');
  writer.append(Buffer.from(''));
  writer.append(Buffer.from('\r\nbody'));
  assert.equal(Buffer.from(writer.headerSection()).toString(), 'A: 1\r\n\r\n');
});

test('A body stays in memory while less than half is used, however large it is', async () => {
  const writer = new BodyWriter(storage);
  writer.append(filled(2 * MIB - 1));
  assert.equal(writer.makeRoom(), undefined);
  const body = writer.finish(NO_PREFIX);
  assert.ok(Array.isArray(body.read()));
  assert.equal(storage.budget.usedBytes, 2 * MIB - 1);
  body.release();
  await isAllGivenBack();
});

test('A body of 256 KiB stays in memory while half is used, one byte more goes to a file', async () => {
  storage.budget.take(2 * MIB);
  const small = new BodyWriter(storage);
  small.append(filled(256 * 1024));
  assert.equal(small.makeRoom(), undefined);
  const large = new BodyWriter(storage);
  await write(large, filled(256 * 1024 + 1));
  assert.equal(storage.files.open, 1);
  assert.equal(storage.files.storedBytes, 256 * 1024 + 1);
  assert.equal(storage.budget.usedBytes, 2 * MIB + 256 * 1024);
  small.release();
  large.release();
  storage.budget.give(2 * MIB);
  await isAllGivenBack();
});

test('A file holds what came before and after memory was short, and the trace field stands in front', async () => {
  const writer = new BodyWriter(storage);
  await write(writer, Buffer.from('A: 1\r\n\r\n'), filled(MIB, 97));
  storage.budget.take(2 * MIB);
  await write(writer, filled(MIB, 98), filled(1000, 99), Buffer.from('ü\r\n'));
  const body = writer.finish(Buffer.from('Received: us\r\n'));
  const expected = Buffer.concat([
    Buffer.from('Received: us\r\nA: 1\r\n\r\n'),
    filled(MIB, 97),
    filled(MIB, 98),
    filled(1000, 99),
    Buffer.from('ü\r\n'),
  ]);
  assert.equal(storage.names.length, 1);
  assert.equal(body.sizeBytes, expected.length);
  assert.equal(body.has8bit, true);
  assert.equal(Buffer.from(body.headerSection).toString(), 'Received: us\r\nA: 1\r\n\r\n');
  assert.ok((await bytesOf(body)).equals(expected));
  assert.ok((await bytesOf(body)).equals(expected), 'it can be read again');
  body.release();
  body.release();
  storage.budget.give(2 * MIB);
  await isAllGivenBack();
});

test('The header section of a body in a file is a copy: it keeps no piece in memory', async () => {
  storage.budget.take(3 * MIB);
  const writer = new BodyWriter(storage);
  const pieces = ['Subject: a', ' b\r\n\r\nbody\r\n'].map((text) => Buffer.from(text));
  await write(writer, ...pieces);
  for (const piece of pieces) piece.fill(0);
  const body = writer.finish(NO_PREFIX);
  assert.equal(Buffer.from(body.headerSection).toString(), 'Subject: a b\r\n\r\n');
  body.release();
});

test('While three quarters are used the smallest body goes to a file', async () => {
  storage.budget.take(3 * MIB);
  const writer = new BodyWriter(storage);
  await write(writer, Buffer.from('A: 1\r\n'));
  assert.equal(storage.budget.usedBytes, 3 * MIB);
  const body = writer.finish(NO_PREFIX);
  assert.equal((await bytesOf(body)).toString(), 'A: 1\r\n');
  body.release();
  storage.budget.give(3 * MIB);
  await isAllGivenBack();
});

test('While all is used a writer keeps nothing in memory and waits until there is room', async () => {
  storage.budget.take(4 * MIB);
  const writer = new BodyWriter(storage);
  writer.append(filled(100_000));
  const reading = writer.makeRoom();
  assert.equal(await Promise.race([reading?.then(() => 'goes on'), waiting()]), 'waits');
  assert.equal(storage.budget.usedBytes, 4 * MIB);
  assert.equal(storage.files.storedBytes, 100_000);
  storage.budget.give(4 * MIB);
  await reading;
  writer.release();
  await isAllGivenBack();
});

/** Settles when somebody waits for room. */
async function waiting(): Promise<string> {
  while (storage.budget.waiting === 0) await new Promise((resolve) => setImmediate(resolve));
  return 'waits';
}

test('A write that takes a part of the bytes is carried on', async () => {
  storage.disk.writeAtMost = 70_001;
  storage.budget.take(3 * MIB);
  const writer = new BodyWriter(storage);
  const chunks = [filled(50_000, 1), filled(100_000, 2), filled(200_000, 3)];
  for (const chunk of chunks) writer.append(chunk);
  await writer.makeRoom();
  const body = writer.finish(NO_PREFIX);
  assert.ok((await bytesOf(body)).equals(Buffer.concat(chunks)));
  body.release();
  storage.budget.give(3 * MIB);
  await isAllGivenBack();
});

test('A body reads the same from a file and from memory, whatever its pieces and however many read at a time', async () => {
  const runs = Number(process.env['FUZZ_RUNS'] ?? 40);
  const pieces = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 40, size: 'max' });
  const shape = fc.record({
    pieces,
    /** Pieces are repeated, so that some bodies are longer than blocks and writes. */
    factor: fc.constantFrom(1, 40, 400),
    readers: fc.integer({ min: 1, max: 4 }),
    writeAtMost: fc.constantFrom(undefined, 7_777, 100_000),
    /** Behind which part of the pieces memory becomes short. */
    shortAt: fc.double({ min: 0, max: 1, noNaN: true }),
    isScarce: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(shape, async ({ pieces: small, factor, readers, writeAtMost, shortAt, isScarce }) => {
      const chunks = small.map((piece) => Buffer.concat(Array.from({ length: factor }, () => piece)));
      const prefix = Buffer.from('Received: us\r\n');
      const expected = createMemoryBody(chunks, prefix);
      if (writeAtMost === undefined) delete storage.disk.writeAtMost;
      else storage.disk.writeAtMost = writeAtMost;
      const used = isScarce ? 3 * MIB : 2 * MIB;
      const writer = new BodyWriter(storage);
      const early = Math.floor(chunks.length * shortAt);
      await write(writer, ...chunks.slice(0, early));
      storage.budget.take(used);
      const rest = write(writer, ...chunks.slice(early));
      storage.budget.give(storage.budget.isExhausted ? used : 0);
      await rest;
      const body = writer.finish(prefix);
      const copies = await Promise.all(Array.from({ length: readers }, () => bytesOf(body)));
      const whole = await bytesOf(expected);
      for (const copy of copies) assert.ok(copy.equals(whole));
      assert.deepEqual(Buffer.from(body.headerSection), Buffer.from(expected.headerSection));
      assert.deepEqual([body.sizeBytes, body.has8bit], [expected.sizeBytes, expected.has8bit]);
      body.release();
      storage.budget.give(storage.budget.usedBytes);
      await isAllGivenBack();
    }),
    { numRuns: Math.min(runs, 2_000) },
  );
  assert.ok(storage.files.created > 10, `${storage.files.created} files were made`);
});

for (const [step, code] of [
  ['create', 'EACCES'],
  ['create', 'EROFS'],
  ['writev', 'ENOSPC'],
] as const) {
  test(`${code} at ${step} loses this body only, and gives everything back`, async () => {
    storage.budget.take(3 * MIB);
    storage.disk[step] = code;
    const writer = new BodyWriter(storage);
    await write(writer, filled(10_000), filled(10_000));
    assert.equal(writer.isFailed, true);
    assert.equal(storage.budget.usedBytes, 3 * MIB);
    assert.equal(storage.faults.length, 1);
    assert.match(storage.faults[0] ?? '', new RegExp(`^ROUTER_MESSAGE_FILE_FAILED .*${code}`));
    delete storage.disk[step];
    const next = new BodyWriter(storage);
    await write(next, filled(10_000));
    assert.equal(next.isFailed, false);
    next.release();
    writer.release();
    storage.budget.give(3 * MIB);
    await isAllGivenBack();
  });
}

test('A disk that fills up in the middle of a body loses it', async () => {
  storage.budget.take(2 * MIB);
  const writer = new BodyWriter(storage);
  await write(writer, filled(300_000));
  storage.disk.writev = 'ENOSPC';
  await write(writer, filled(300_000));
  assert.equal(writer.isFailed, true);
  storage.budget.give(2 * MIB);
  await isAllGivenBack();
});

test('A read that fails, or a file that was cut, is an error and no shorter message', async () => {
  storage.budget.take(3 * MIB);
  const writer = new BodyWriter(storage);
  await write(writer, filled(100_000));
  const body = writer.finish(NO_PREFIX);
  storage.disk.read = 'EIO';
  await assert.rejects(bytesOf(body), { code: 'ROUTER_MESSAGE_FILE_FAILED', message: /EIO/ });
  delete storage.disk.read;
  storage.disk.isCut = true;
  await assert.rejects(bytesOf(body), { code: 'ROUTER_MESSAGE_FILE_FAILED' });
  storage.disk.isCut = false;
  assert.equal((await bytesOf(body)).length, 100_000);
  body.release();
});

test('A reader that is not at the end when the body is released fails', async () => {
  storage.budget.take(3 * MIB);
  const writer = new BodyWriter(storage);
  await write(writer, filled(100_000));
  const body = writer.finish(NO_PREFIX);
  const reader = body.read();
  assert.ok(Symbol.asyncIterator in reader);
  const pieces = reader[Symbol.asyncIterator]();
  await pieces.next();
  body.release();
  await assert.rejects(pieces.next(), RouterError);
  assert.throws(() => body.read(), RouterError);
  await storage.files.settled();
  assert.deepEqual(storage.names, []);
});

test('A file that cannot be removed is reported', async () => {
  storage.budget.take(3 * MIB);
  storage.disk.remove = 'EPERM';
  const writer = new BodyWriter(storage);
  await write(writer, filled(10));
  writer.release();
  await storage.files.settled();
  assert.match(storage.faults.join(), /removed \(EPERM\)/);
  assert.equal(storage.files.open, 0);
});

test('A directory that was taken away is made again', async () => {
  storage.budget.take(3 * MIB);
  rmSync(storage.directory.file('messages'), { recursive: true });
  const writer = new BodyWriter(storage);
  await write(writer, filled(10));
  assert.equal(writer.isFailed, false);
  assert.equal(storage.names.length, 1);
  writer.release();
  storage.budget.give(3 * MIB);
  await isAllGivenBack();
});

test('What an earlier run left behind is swept away, and nothing else', async () => {
  const directory = storage.directory.file('messages');
  mkdirSync(directory, { recursive: true });
  writeFileSync(`${directory}/7.body`, 'left over');
  writeFileSync(`${directory}/notes.txt`, 'of the operator');
  await storage.files.sweep();
  assert.deepEqual(storage.names, ['notes.txt']);
  storage.disk.list = 'EACCES';
  await assert.rejects(storage.files.sweep(), { code: 'ROUTER_STATE_DIR_UNUSABLE', message: /EACCES/ });
});

test('However bodies are begun, finished, failed and dropped, everything is given back', async () => {
  const runs = Number(process.env['FUZZ_RUNS'] ?? 40);
  const step = fc.record({
    writer: fc.nat(3),
    action: fc.constantFrom(
      'append',
      'append',
      'append',
      'finish',
      'release',
      'drop',
      'fail',
      'heal',
      'read',
    ),
    bytes: fc.integer({ min: 0, max: 600_000 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60, size: 'max' }), async (steps) => {
      const writers = new Map<number, BodyWriter>();
      const bodies = new Map<number, MessageBody>();
      const pending: Promise<unknown>[] = [];
      storage.budget.take(2 * MIB);
      for (const { writer: key, action, bytes } of steps) {
        const writer = writers.get(key) ?? new BodyWriter(storage);
        if (action === 'append') {
          writers.set(key, writer);
          writer.append(filled(bytes));
          const room = writer.makeRoom();
          // A session waits, or its client goes away meanwhile.
          if (room !== undefined && bytes % 3 > 0 && !storage.budget.isExhausted) await room;
          else if (room !== undefined) drop(key);
        } else if (action === 'finish' && writers.has(key) && !writer.isFailed) {
          bodies.get(key)?.release();
          bodies.set(key, writer.finish(NO_PREFIX));
          writers.delete(key);
        } else if (action === 'read') {
          const body = bodies.get(key);
          if (body !== undefined) pending.push(bytesOf(body).catch(() => {}));
        } else if (action === 'release') {
          bodies.get(key)?.release();
          bodies.delete(key);
        } else if (action === 'drop') drop(key);
        else if (action === 'fail') storage.disk.writev = 'ENOSPC';
        else if (action === 'heal') delete storage.disk.writev;
      }
      for (const writer of writers.values()) writer.release();
      for (const body of bodies.values()) body.release();
      storage.budget.give(2 * MIB);
      await Promise.all(pending);
      await untilWritten();
      delete storage.disk.writev;
      await isAllGivenBack();

      function drop(key: number): void {
        writers.get(key)?.release();
        writers.delete(key);
      }
    }),
    { numRuns: Math.min(runs, 2_000) },
  );
  assert.ok(storage.files.created > 10, `${storage.files.created} files were made`);
});

/** Writes of writers that were dropped in the middle end by themselves. */
async function untilWritten(): Promise<void> {
  while (storage.budget.usedBytes > 0) await new Promise((resolve) => setImmediate(resolve));
}
