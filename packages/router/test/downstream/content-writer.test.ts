import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { type ContentTarget, ContentWriter } from '../../src/downstream/content-writer.ts';
import { BodyWriter } from '../../src/message/body-writer.ts';
import { createMemoryBody } from '../../src/message/memory-body.ts';
import type { MessageBody } from '../../src/message/message-body.ts';
import { TestStorage } from '../support/test-storage.ts';

const MIB = 1024 * 1024;
const LINES = Buffer.from(`${'x'.repeat(60)}\r\n.${'y'.repeat(60)}\r\n`.repeat(16_000));

let storage: TestStorage;

beforeEach(async () => {
  storage = new TestStorage(MIB);
  await storage.files.sweep();
});

afterEach(() => storage.remove());

/** Takes a batch only when told, as a peer that reads slowly. */
class SlowPeer implements ContentTarget {
  readonly pieces: Uint8Array[] = [];
  isEnded: boolean = false;
  #batch = Promise.withResolvers<(isTaken: boolean) => void>();

  writeContent(pieces: readonly Uint8Array[]): Promise<boolean> {
    this.pieces.push(...pieces);
    const taken = Promise.withResolvers<boolean>();
    this.#batch.resolve(taken.resolve);
    return taken.promise;
  }

  endContent(pieces: readonly Uint8Array[]): void {
    this.pieces.push(...pieces);
    this.isEnded = true;
  }

  /** Waits for the next batch; the answer takes it, or tells that the connection is gone. */
  async nextBatch(): Promise<(isTaken: boolean) => void> {
    const take = await this.#batch.promise;
    this.#batch = Promise.withResolvers();
    return take;
  }

  get bytes(): number {
    return this.pieces.reduce((sum, piece) => sum + piece.length, 0);
  }
}

async function fileBody(): Promise<MessageBody> {
  const writer = new BodyWriter(storage);
  storage.budget.take(storage.budget.limitBytes * 0.8);
  writer.append(LINES);
  const written = writer.makeRoom();
  storage.budget.give(storage.budget.limitBytes * 0.8);
  await written;
  return writer.finish(new Uint8Array(0));
}

async function takeAll(body: MessageBody): Promise<Buffer> {
  const peer = new SlowPeer();
  const writing = new ContentWriter(peer).write(body);
  while (!peer.isEnded) {
    const next = await Promise.race([peer.nextBatch(), writing]);
    next?.(true);
  }
  return Buffer.concat(peer.pieces);
}

test('A body in a file is written as one in memory is, dots doubled', async () => {
  const body = await fileBody();
  const written = await takeAll(body);
  assert.equal(storage.files.created, 1);
  assert.ok(written.equals(await takeAll(createMemoryBody([LINES]))));
  assert.equal(written.length, LINES.length + 16_000 + '.\r\n'.length);
  body.release();
});

test('A file is read no further than the downstream takes it', async () => {
  const body = await fileBody();
  const peer = new SlowPeer();
  const writing = new ContentWriter(peer).write(body);
  for (let batch = 1; batch <= 5; batch += 1) {
    const take = await peer.nextBatch();
    assert.ok(storage.reads <= batch, `${storage.reads} reads for ${batch} batches`);
    assert.ok(peer.bytes < (batch + 1) * 65_536);
    take(batch < 5);
  }
  await writing;
  assert.equal(peer.isEnded, false);
  assert.equal(storage.reads, 5);
  body.release();
});
