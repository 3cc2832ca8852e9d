import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PluginError } from '../../src/errors.ts';
import { FrameReader } from '../../src/yamux/frame-reader.ts';
import { concat, data, describeFrames, frame, goAway, ping, syn } from './wire.ts';

const STREAM = concat(
  syn(1),
  data(1, 'hello'),
  ping(0xffff_ffff),
  data(0xffff_fffe, ''),
  data(3, 'x'),
  goAway(0),
);
const WORDS = [
  'update 1 SYN',
  'data 1 "hello"',
  'ping SYN 4294967295',
  'data 4294967294',
  'data 3 "x"',
  'go-away 0',
];

/** The frames found when the stream arrives in these pieces; payload parts are joined. */
function framesOf(chunks: readonly Uint8Array[]): string[] {
  const found: { words: string; payload: string }[] = [];
  const reader = new FrameReader({
    frame({ type, flags, streamId, length }) {
      found.push({ words: `${type} ${flags} ${streamId} ${length}`, payload: '' });
      return true;
    },
    payload(bytes) {
      const last = found.at(-1);
      if (last !== undefined) last.payload += new TextDecoder().decode(bytes);
    },
  });
  for (const chunk of chunks) reader.read(chunk);
  return found.map(({ words, payload }) => `${words} ${payload}`);
}

describe('FrameReader', () => {
  it('finds every frame of a stream', () => {
    assert.deepEqual(describeFrames(STREAM), WORDS);
  });

  it('finds the same frames wherever the stream is cut', () => {
    const whole = framesOf([STREAM]);
    for (let at = 0; at <= STREAM.length; at += 1) {
      assert.deepEqual(framesOf([STREAM.slice(0, at), STREAM.slice(at)]), whole, `cut at ${at}`);
    }
    assert.deepEqual(framesOf([...STREAM].map((byte) => new Uint8Array([byte]))), whole);
  });

  it('hands payloads on as views of what was received, never buffered', () => {
    const chunk = concat(frame(0, 0, 1, 0xffff_ffff), new Uint8Array(1000));
    const parts: Uint8Array[] = [];
    const reader = new FrameReader({
      frame: () => true,
      payload(bytes, isLast) {
        assert.equal(isLast, false);
        parts.push(bytes);
      },
    });
    reader.read(chunk);
    assert.deepEqual(
      parts.map((part) => [part.buffer === chunk.buffer, part.length]),
      [[true, 1000]],
    );
  });

  it('stops when the sink says so', () => {
    let frames = 0;
    const reader = new FrameReader({
      frame: () => {
        frames += 1;
        return false;
      },
      payload: () => assert.fail('no payload is wanted'),
    });
    reader.read(STREAM);
    reader.read(STREAM);
    assert.equal(frames, 1);
  });

  for (const [what, bytes] of [
    ['version', frame(0, 0, 1, 0, 1)],
    ['type', frame(4, 0, 1, 0)],
  ] as const) {
    it(`refuses an unknown ${what}`, () => {
      const reader = new FrameReader({ frame: () => true, payload: () => undefined });
      assert.throws(
        () => reader.read(bytes),
        (error) => error instanceof PluginError && error.code === 'YAMUX_BAD_FRAME',
      );
    });
  }
});
