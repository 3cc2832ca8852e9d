import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { GobDecoder, GobEncoder, type GobStructType, ValueFitter } from '@smtp-router/go-plugin/gob';
import {
  CONFIGURE_REPLY_V2,
  CONFIGURE_REQUEST_V2,
  DESCRIBE_REPLY_V2,
  DESCRIBE_REQUEST_V2,
  decodeConfigurationV2,
  decodeDescriptionV2,
  decodeProblemsV2,
  decodeSelectReplyV2,
  decodeSelectRequestV2,
  encodeConfigurationV2,
  encodeDescriptionV2,
  encodeProblemsV2,
  encodeSelectReplyV2,
  encodeSelectRequestV2,
  SELECT_REPLY_V2,
  SELECT_REQUEST_V2,
} from '../../../src/wire/index.ts';
import golden from '../../fixtures/selector-v2-go.json' with { type: 'json' };
import { fromHex } from '../from-hex.ts';
import { GOLDEN_REPLIES, GOLDEN_REQUESTS } from './golden-values.ts';

interface GoldenMessage {
  readonly type: GobStructType;
  /** What the contract makes of each value of the stream. */
  readonly values: readonly unknown[];
  /** The same, as they are given to the encoder. */
  readonly sent: readonly unknown[];
  read(value: unknown): unknown;
}

const DESCRIPTION = { name: 'by domain', version: '1.0', headers: ['x-tag', 'list-id'] };
const CONFIGURATIONS = [
  { selector: 'mine', configJson: '{"a":[1,"ü"]}' },
  { selector: 'mine', configJson: '' },
];
const PROBLEMS = [
  [
    { path: 'a[0]', message: 'is odd' },
    { path: '', message: 'is not all' },
  ],
  [],
];

const MESSAGES: Readonly<Record<string, GoldenMessage>> = {
  'describe-request': {
    type: DESCRIBE_REQUEST_V2,
    values: [2],
    sent: [{ ContractVersion: 2 }],
    read: (value) => Object(value).ContractVersion,
  },
  'describe-reply': {
    type: DESCRIBE_REPLY_V2,
    values: [DESCRIPTION],
    sent: [encodeDescriptionV2({ ...DESCRIPTION, headers: ['X-Tag', 'List-Id'] })],
    read: (value) => decodeDescriptionV2(value, 'mine'),
  },
  'configure-request': {
    type: CONFIGURE_REQUEST_V2,
    values: CONFIGURATIONS,
    sent: CONFIGURATIONS.map(encodeConfigurationV2),
    read: decodeConfigurationV2,
  },
  'configure-reply': {
    type: CONFIGURE_REPLY_V2,
    values: PROBLEMS,
    sent: PROBLEMS.map(encodeProblemsV2),
    read: (value) => decodeProblemsV2(value, 'mine'),
  },
  'select-request': {
    type: SELECT_REQUEST_V2,
    values: GOLDEN_REQUESTS,
    sent: GOLDEN_REQUESTS.map((request) =>
      encodeSelectRequestV2(request, { headers: request.message.headers, timeoutMs: request.timeoutMs }),
    ),
    read: decodeSelectRequestV2,
  },
  'select-reply': {
    type: SELECT_REPLY_V2,
    values: GOLDEN_REPLIES,
    // Go sends the zero struct, which is no reply of ours.
    sent: GOLDEN_REPLIES.map((reply, index) => (index === 2 ? {} : encodeSelectReplyV2(reply))),
    read: (value) => decodeSelectReplyV2(value, 'mine'),
  },
};

for (const { name, hex } of golden) {
  describe(`${name} as the Go SDK writes it`, () => {
    const message = MESSAGES[name];
    assert.ok(message);

    it('is what our encoder writes, byte for byte', () => {
      const encoder = new GobEncoder({ firstTypeId: 64 });
      const written = message.sent.map((value) => {
        encoder.encode(message.type, value);
        return Buffer.from(encoder.takeOutput()).toString('hex');
      });
      assert.deepEqual(written, hex);
    });

    for (const size of [Infinity, 1, 2, 7]) {
      it(`is read in pieces of ${size} bytes`, () => {
        assert.deepEqual(read(fromHex(hex.join('')), message, size), message.values);
      });
    }
  });
}

function read(stream: Uint8Array, { type, read: parse }: GoldenMessage, size: number): readonly unknown[] {
  const decoder = new GobDecoder();
  const fitter = new ValueFitter();
  const values: unknown[] = [];
  const step = Math.min(size, stream.length);
  for (let at = 0; at < stream.length; at += step) {
    decoder.receive(stream.slice(at, at + step));
    for (let received = decoder.next(); received !== undefined; received = decoder.next()) {
      const fitted = fitter.fit(received, type);
      assert.equal(fitted.kind, 'fits');
      if (fitted.kind === 'fits') values.push(parse(fitted.value));
    }
  }
  return values;
}
