import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  GOB_STRING,
  GOB_UINT,
  type GobDecoded,
  GobDecoder,
  GobEncoder,
  gobStruct,
} from '@smtp-router/go-plugin/gob';
import { viewWith } from '../../src/contract/index.ts';
import { DOWNSTREAM_LIST_V1 } from '../../src/wire/downstream-v1.ts';
import { parseDownstreamListV1 } from '../../src/wire/list-v1.ts';
import { parseReplyV1, resolveReplyV1 } from '../../src/wire/reply-v1.ts';
import { fromHex } from './from-hex.ts';

/*
 * One conversation of a Go host and a Go plugin on the stream of a dispensed selector (go-plugin
 * 1.0.1, yamux headers taken off): two calls, a call with an empty list, each with its net/rpc header.
 */
const REQUEST_HEADER_TYPE =
  '2fff810301010752657175657374 01ff82 00 01 02 010d536572766963654d6574686f64 010c00 0103536571 01060000 00';
const FIRST_REQUEST = `${REQUEST_HEADER_TYPE}
  12ff82010d506c7567696e2e53656c65637400
  0dff85020102ff860001ff840000
  33ff830301010a446f776e73747265616d01ff8400010301044164647201 0c0001045573657201 0c0001045061737301 0c000000
  18ff86000201 04613a3235 010175 010170 00 01 04623a3235 00`;
const LATER_REQUESTS = `
  14ff82010d506c7567696e2e53656c656374010100  18ff8600020104613a323501017501017000 0104623a323500
  14ff82010d506c7567696e2e53656c656374010200  04ff860000`;
const RESPONSE_HEADER_TYPE = `3aff8103010108526573706f6e736501ff8200010301 0d536572766963654d6574686f64 010c0001
  03536571 01060001 054572726f72 010c000000`;
const REPLIES = `${RESPONSE_HEADER_TYPE}
  12ff82010d506c7567696e2e53656c65637400      070c0004623a3235
  14ff82010d506c7567696e2e53656c656374010100  070c0004613a3235
  24ff82010d506c7567696e2e53656c6563740102010e6e6f20646f776e73747265616d7300  0aff83030102ff84000000 03ff8400`;

const LIST = [
  { Addr: 'a:25', User: 'u', Pass: 'p' },
  { Addr: 'b:25', User: '', Pass: '' },
];
const OFFERED = [viewWith({ id: 'one', addr: 'a:25', user: 'u' }), viewWith({ id: 'two', addr: 'b:25' })];

/** Everything a stream holds, in order, fed in pieces of the given size. */
function decodeAll(hex: string, pieceBytes: number): readonly GobDecoded[] {
  const bytes = fromHex(hex);
  const decoder = new GobDecoder();
  const decoded: GobDecoded[] = [];
  for (let start = 0; start < bytes.length; start += pieceBytes) {
    decoder.receive(bytes.slice(start, start + pieceBytes));
    for (let value = decoder.next(); value !== undefined; value = decoder.next()) decoded.push(value);
  }
  return decoded;
}

for (const [how, pieceBytes] of [
  ['whole', Number.MAX_SAFE_INTEGER],
  ['byte by byte', 1],
] as const) {
  describe(`The captured conversation of Go programs, fed ${how}`, () => {
    it('asks what a plugin of ours reads as the list of downstreams', () => {
      const values = decodeAll(FIRST_REQUEST + LATER_REQUESTS, pieceBytes);
      const lists = values
        .filter((_, index) => index % 2 === 1)
        .map(({ value }) => parseDownstreamListV1(value));
      assert.deepEqual(lists, [LIST, LIST, []]);
    });

    it('answers what our host reads as the chosen downstreams', () => {
      const bodies = decodeAll(REPLIES, pieceBytes).filter((_, index) => index % 2 === 1);
      const chosen = bodies
        .slice(0, 2)
        .map((body) =>
          resolveReplyV1(parseReplyV1(body, 'mine'), { offered: OFFERED, tail: 'none', selector: 'mine' }),
        );
      assert.deepEqual(chosen, [['two'], ['one']]);
    });

    it('reads an ordered list by the same means', () => {
      const list = FIRST_REQUEST.slice(FIRST_REQUEST.indexOf('0dff85'));
      const [body] = decodeAll(list, pieceBytes);
      assert.ok(body);
      const reply = parseReplyV1(body, 'mine');
      assert.deepEqual(reply, {
        kind: 'list',
        entries: [
          { addr: 'a:25', user: 'u' },
          { addr: 'b:25', user: '' },
        ],
      });
    });
  });
}

it('Our request is the one of the captured Go host, byte for byte', () => {
  const header = gobStruct('Request', { ServiceMethod: GOB_STRING, Seq: GOB_UINT });
  const encoder = new GobEncoder();
  encoder.encode(header, { ServiceMethod: 'Plugin.Select', Seq: 0 });
  encoder.encode(DOWNSTREAM_LIST_V1, LIST);
  assert.equal(
    Buffer.from(encoder.takeOutput()).toString('hex'),
    Buffer.from(fromHex(FIRST_REQUEST)).toString('hex'),
  );
});
