import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RouterError } from '../../src/errors.ts';
import { createMemoryBody } from '../../src/message/memory-body.ts';

test('The pieces of a body are those that were appended, not copies', () => {
  const first = Buffer.from('A: 1\r\n');
  const second = Buffer.from('\r\nbody\r\n');
  const pieces = [...createMemoryBody([first, second]).read()];
  assert.equal(pieces[0], first);
  assert.equal(pieces[1], second);
});

test('A body can be read again for every attempt', () => {
  const body = createMemoryBody([Buffer.from('x\r\n')]);
  assert.deepEqual(body.read(), body.read());
});

test('The trace field stands in front of the content and of its header section', () => {
  const prefix = Buffer.from('Received: us\r\n');
  const body = createMemoryBody([Buffer.from('A: 1\r\n\r\nbody\r\n')], prefix);
  assert.equal(Buffer.concat([...body.read()]).toString(), 'Received: us\r\nA: 1\r\n\r\nbody\r\n');
  assert.equal(Buffer.from(body.headerSection).toString(), 'Received: us\r\nA: 1\r\n\r\n');
  assert.equal(body.sizeBytes, 14 + 14);
});

test('A byte above 127 anywhere makes the body 8-bit (RFC 6152)', () => {
  assert.equal(createMemoryBody([Buffer.from('a\r\n'), Buffer.from('b\r\n')]).has8bit, false);
  assert.equal(createMemoryBody([Buffer.from('ü\r\n'), Buffer.from('b\r\n')]).has8bit, true);
});

test('An empty body has no pieces and no header', () => {
  const body = createMemoryBody([]);
  assert.deepEqual(body.read(), []);
  assert.equal(body.headerSection.length, 0);
});

test('A released body refuses to be read: it must not look like an empty message', () => {
  const body = createMemoryBody([Buffer.from('x\r\n')]);
  body.release();
  body.release();
  assert.throws(() => body.read(), RouterError);
});
