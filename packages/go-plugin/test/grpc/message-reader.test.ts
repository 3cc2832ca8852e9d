import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { PluginError } from '../../src/errors.ts';
import { frameMessage } from '../../src/grpc/message-frame.ts';
import { MessageReader } from '../../src/grpc/message-reader.ts';
import { fuzzRuns } from '../fuzz-runs.ts';
import { pieces } from '../gob/gob-stream.ts';

const LIMIT = 1000;

function read(chunks: readonly Uint8Array[]): {
  readonly messages: string[];
  readonly reader: MessageReader;
} {
  const reader = new MessageReader(LIMIT);
  const messages: string[] = [];
  for (const chunk of chunks) {
    reader.push(chunk);
    for (let message = reader.next(); message !== undefined; message = reader.next()) {
      messages.push(Buffer.from(message).toString('hex'));
    }
  }
  return { messages, reader };
}

function code(chunks: readonly Uint8Array[]): string {
  try {
    read(chunks);
    return 'none';
  } catch (error) {
    assert.ok(error instanceof PluginError, String(error));
    return error.code;
  }
}

describe('A reader of gRPC messages', () => {
  it('cuts messages from frames of any size (gRPC over HTTP/2, Length-Prefixed-Message)', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 6 }),
        fc.nat({ max: 20 }),
        (messages, size) => {
          const bytes = Buffer.concat(messages.map(frameMessage));
          const { messages: got, reader } = read(size === 0 ? [bytes] : pieces(bytes, size));
          assert.deepEqual(
            got,
            messages.map((message) => Buffer.from(message).toString('hex')),
          );
          assert.ok(reader.isBetweenMessages);
          assert.equal(reader.waitingBytes, 0);
        },
      ),
      { numRuns: fuzzRuns(300) },
    );
  });

  it('tells how much waits for the rest of its message', () => {
    const { reader } = read([frameMessage(new Uint8Array(100)).subarray(0, 65)]);
    assert.equal(reader.waitingBytes, 60);
    assert.ok(!reader.isBetweenMessages);
  });

  it('refuses a length over the limit before anything of the message came', () => {
    assert.equal(code([Uint8Array.of(0, 0, 0, 3, 0xe9)]), 'GRPC_MESSAGE_TOO_LONG');
    assert.equal(code([Uint8Array.of(0, 0xff, 0xff, 0xff, 0xff)]), 'GRPC_MESSAGE_TOO_LONG');
    assert.equal(code([Uint8Array.of(0, 0, 0, 3, 0xe8)]), 'none');
  });

  it('refuses compressed messages and what is no flag', () => {
    assert.equal(code([Uint8Array.of(1)]), 'GRPC_MALFORMED');
    assert.equal(code([Uint8Array.of(0x47)]), 'GRPC_MALFORMED');
  });

  it('reads messages of any bytes or refuses them, alike whole and byte by byte', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        const outcome = (chunks: readonly Uint8Array[]): unknown => {
          const refusal = code(chunks);
          return refusal === 'none' ? read(chunks).messages : refusal;
        };
        assert.deepEqual(outcome([bytes]), outcome(pieces(bytes, 1)));
      }),
      { numRuns: fuzzRuns(500) },
    );
  });
});
