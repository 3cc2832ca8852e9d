import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { PluginError } from '../../src/errors.ts';
import { type ConnInfo, decodeConnInfo, encodeConnInfo } from '../../src/grpc/conn-info.ts';
import {
  decodeHealthReply,
  decodeHealthRequest,
  encodeHealthReply,
  encodeHealthRequest,
} from '../../src/grpc/health.ts';
import { decodeStdioData, encodeStdioData } from '../../src/grpc/stdio.ts';
import { fuzzRuns } from '../fuzz-runs.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const bytes = (text: string): Uint8Array => Buffer.from(text.replaceAll(' ', ''), 'hex');

/** As google.golang.org/protobuf encodes them. */
const GOLDEN: readonly (readonly [string, ConnInfo])[] = [
  ['', { serviceId: 0, network: '', address: '' }],
  ['0807 1204756e6978 1a042f746d70', { serviceId: 7, network: 'unix', address: '/tmp' }],
  [
    '08ffffffff0f 22020801',
    { serviceId: 0xffff_ffff, network: '', address: '', knock: { isKnock: true, isAck: false, error: '' } },
  ],
  [
    '0801 2208 0801 1001 1a026e6f',
    { serviceId: 1, network: '', address: '', knock: { isKnock: true, isAck: true, error: 'no' } },
  ],
  ['2200', { serviceId: 0, network: '', address: '', knock: { isKnock: false, isAck: false, error: '' } }],
];

describe("go-plugin's own messages", () => {
  for (const [encoded, info] of GOLDEN) {
    it(`ConnInfo ${encoded === '' ? 'empty' : encoded}`, () => {
      assert.equal(hex(encodeConnInfo(info)), hex(bytes(encoded)));
      assert.deepEqual(decodeConnInfo(bytes(encoded)), info);
    });
  }

  it('health', () => {
    assert.equal(hex(encodeHealthRequest('plugin')), '0a06706c7567696e');
    assert.equal(decodeHealthRequest(bytes('0a06706c7567696e')), 'plugin');
    assert.equal(hex(encodeHealthReply(1)), '0801');
    assert.equal(decodeHealthReply(bytes('0801')), 1);
    assert.equal(decodeHealthReply(bytes('')), 0);
  });

  it('StdioData of every length', () => {
    for (const length of [0, 1, 127, 128, 1024, 16_383]) {
      const data = new Uint8Array(length).fill(7);
      assert.deepEqual(decodeStdioData(encodeStdioData('stderr', data)), { channel: 'stderr', data });
    }
    assert.equal(hex(encodeStdioData('stdout', Buffer.from('a'))), '0801120161');
    assert.equal(decodeStdioData(bytes('0807')).channel, undefined);
  });

  it('pass over fields of later versions, of every wire type', () => {
    const later = bytes('280150ffffffffffffffffff015d0000000059000000000000000062020000');
    const info = { serviceId: 7, network: '', address: '' };
    assert.deepEqual(decodeConnInfo(Buffer.concat([later, bytes('0807'), later])), info);
  });

  for (const [what, broken] of [
    ['a number that goes on', '08ffffffffffffffffffff01'],
    ['a number that ends early', '0880'],
    ['a text that ends early', '120561'],
    ['an enormous text', '12ffffffff0f'],
    ['eight bytes that end early', '590000'],
    ['a group', '0b0c'],
    ['field number 0', '0001'],
  ] as const) {
    it(`refuse ${what}`, () => {
      assert.throws(
        () => decodeConnInfo(bytes(broken)),
        (error) => error instanceof PluginError && error.code === 'GRPC_MALFORMED',
      );
    });
  }

  it('are read from any bytes, or refused by an error of the catalogue', () => {
    const decoders = [decodeConnInfo, decodeStdioData, decodeHealthReply, decodeHealthRequest];
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (any) => {
        for (const decode of decoders) {
          try {
            decode(any);
          } catch (error) {
            assert.ok(error instanceof PluginError && error.code === 'GRPC_MALFORMED', String(error));
          }
        }
      }),
      { numRuns: fuzzRuns(500) },
    );
  });
});
