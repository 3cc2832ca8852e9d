import assert from 'node:assert/strict';
import test from 'node:test';
import { PrintQueue } from '../../src/plugin/print-queue.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

async function take(iterator: AsyncIterator<Uint8Array, undefined>): Promise<string | undefined> {
  const { value } = await iterator.next();
  return value === undefined ? undefined : Buffer.from(value).toString();
}

test('what was printed before anybody read waits in order', async () => {
  const queue = new PrintQueue();
  queue.push(bytes('a'));
  queue.push(bytes('b'));
  const reader = queue[Symbol.asyncIterator]();
  assert.equal(await take(reader), 'a');
  assert.equal(await take(reader), 'b');
  const next = take(reader);
  queue.push(bytes('c'));
  assert.equal(await next, 'c');
});

test('beyond the limit the oldest is lost', async () => {
  const queue = new PrintQueue({ maxBytes: 4 });
  for (const text of ['ab', 'cd', 'ef']) queue.push(bytes(text));
  const reader = queue[Symbol.asyncIterator]();
  assert.equal(await take(reader), 'cd');
  assert.equal(await take(reader), 'ef');
  queue.push(bytes('0123456789'));
  assert.equal(await take(reader), '6789');
});

test('a reader that leaves takes nothing with it', async () => {
  const queue = new PrintQueue();
  const left = queue[Symbol.asyncIterator]();
  const unread = take(left);
  await left.return?.();
  assert.equal(await unread, undefined);
  queue.push(bytes('x'));
  assert.equal(await take(queue[Symbol.asyncIterator]()), 'x');
});
