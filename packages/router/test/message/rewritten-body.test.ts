import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createMemoryBody } from '../../src/message/memory-body.ts';
import type { MessageBody } from '../../src/message/message-body.ts';
import { type BodyEdit, RewrittenBody } from '../../src/message/rewritten-body.ts';

const RUNS = { numRuns: Number(process.env['FUZZ_RUNS'] ?? 500) };

/** The same pieces as an async iterable, as a body in a file gives them. */
function readLater(body: MessageBody): MessageBody {
  return {
    sizeBytes: body.sizeBytes,
    has8bit: body.has8bit,
    headerSection: body.headerSection,
    async *read() {
      yield* body.read();
    },
    release: () => body.release(),
  };
}

async function textOf(body: MessageBody): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of body.read()) pieces.push(piece);
  return Buffer.concat(pieces).toString('latin1');
}

function edit(start: number, end: number, text: string): BodyEdit {
  return { start, end, bytes: Buffer.from(text, 'latin1') };
}

test('the bytes of an edit are replaced, everything else stays', async () => {
  const base = createMemoryBody([Buffer.from('From: a@x\r\n\r\nbody\r\n')]);
  const body = new RewrittenBody(base, [edit(0, 0, 'R: a@x\r\n'), edit(6, 9, 'new@y')]);
  assert.equal(await textOf(body), 'R: a@x\r\nFrom: new@y\r\n\r\nbody\r\n');
  assert.equal(Buffer.from(body.headerSection).toString(), 'R: a@x\r\nFrom: new@y\r\n\r\n');
  assert.equal(body.sizeBytes, (await textOf(body)).length);
});

test('pieces behind the last edit are the pieces of the body below, not copies', () => {
  const rest = Buffer.from('\r\nbody\r\n');
  const base = createMemoryBody([Buffer.from('From: a@x\r\n'), rest]);
  const pieces = [...(new RewrittenBody(base, [edit(6, 9, 'b@y')]).read() as Iterable<Uint8Array>)];
  assert.equal(pieces.at(-1), rest);
});

test('releasing the view leaves the body to its owner', async () => {
  const base = createMemoryBody([Buffer.from('A: 1\r\n')]);
  new RewrittenBody(base, [edit(0, 1, 'B')]).release();
  assert.equal(await textOf(base), 'A: 1\r\n');
});

test('a body becomes 8-bit by an edit that brings such a byte, and never 7-bit', () => {
  const plain = createMemoryBody([Buffer.from('A: 1\r\n')]);
  assert.equal(new RewrittenBody(plain, [edit(0, 1, 'B')]).has8bit, false);
  assert.equal(new RewrittenBody(plain, [edit(0, 1, '\xe9')]).has8bit, true);
  assert.equal(new RewrittenBody(createMemoryBody([Buffer.from('é')]), [edit(0, 2, 'e')]).has8bit, true);
});

test('however the body is cut and wherever the edits stand, the bytes are those of the edited whole', async () => {
  const cuts = fc.array(fc.nat(60), { maxLength: 8 });
  const spans = fc.uniqueArray(fc.nat(60), { maxLength: 8, comparator: 'IsStrictlyEqual' });
  const bytes = fc.uint8Array({ minLength: 60, maxLength: 60 });
  const fill = fc.uint8Array({ maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(bytes, cuts, spans, fill, async (whole, at, places, filling) => {
      const limits = [0, ...at.toSorted((a, b) => a - b), 60];
      const pieces = limits.slice(1).map((end, index) => whole.subarray(limits[index], end));
      const sorted = places.toSorted((a, b) => a - b);
      const edits: BodyEdit[] = [];
      for (let index = 0; index + 1 < sorted.length; index += 2) {
        edits.push({ start: sorted[index] ?? 0, end: sorted[index + 1] ?? 0, bytes: filling });
      }
      let expected = Buffer.from(whole).toString('latin1');
      for (const { start, end } of edits.toReversed()) {
        expected = expected.slice(0, start) + Buffer.from(filling).toString('latin1') + expected.slice(end);
      }
      const base = createMemoryBody(pieces);
      const body = new RewrittenBody(base, edits);
      assert.equal(await textOf(body), expected);
      assert.equal(await textOf(body), expected, 'read again');
      assert.equal(await textOf(new RewrittenBody(readLater(base), edits)), expected);
      assert.equal(body.sizeBytes, expected.length);
    }),
    RUNS,
  );
});
