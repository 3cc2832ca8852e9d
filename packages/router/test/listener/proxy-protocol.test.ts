import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseProxyHeader } from '../../src/listener/proxy-protocol.ts';

const SIGNATURE = '0d0a0d0a000d0a515549540a';
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 2_000);

function v1(line: string): Buffer {
  return Buffer.from(`${line}\r\n`, 'latin1');
}

function v2(rest: string): Buffer {
  return Buffer.from(SIGNATURE + rest, 'hex');
}

/** Header bytes and the client they name; `local` = the socket's own address holds. */
const VALID: readonly (readonly [string, Buffer, string])[] = [
  ['version 1 over IPv4', v1('PROXY TCP4 192.0.2.7 198.51.100.1 56324 25'), '192.0.2.7'],
  ['version 1 over IPv6', v1('PROXY TCP6 2001:db8::7 2001:db8::1 56324 25'), '2001:db8::7'],
  ['version 1 in a long form', v1('PROXY TCP6 2001:0db8:0:0::7 2001:db8::1 56324 25'), '2001:db8::7'],
  ['version 1 of unknown origin', v1('PROXY UNKNOWN'), 'local'],
  ['version 1 unknown with text', v1('PROXY UNKNOWN ffff::1 ffff::2 1 2'), 'local'],
  ['version 2 over IPv4', v2('2111000cc0000207c6336401dc040019'), '192.0.2.7'],
  [
    'version 2 over IPv6',
    v2('2121002420010db800000000000000000000000720010db8000000000000000000000001dc040019'),
    '2001:db8::7',
  ],
  ['version 2 with extensions', v2('2111000fc0000207c6336401dc040019030000'), '192.0.2.7'],
  ['version 2 LOCAL', v2('20000000'), 'local'],
  ['version 2 of unspecified family', v2('21000000'), 'local'],
];

const INVALID: readonly (readonly [string, Buffer])[] = [
  ['SMTP without a header', Buffer.from('EHLO client\r\n')],
  ['an address of the wrong family', v1('PROXY TCP4 2001:db8::7 198.51.100.1 1 25')],
  ['an address with a zone', v1('PROXY TCP6 fe80::1%eth0 2001:db8::1 1 25')],
  ['a host name', v1('PROXY TCP4 localhost 198.51.100.1 1 25')],
  ['a port above 65535', v1('PROXY TCP4 192.0.2.7 198.51.100.1 65536 25')],
  ['a leading zero in a port', v1('PROXY TCP4 192.0.2.7 198.51.100.1 01 25')],
  ['a missing field', v1('PROXY TCP4 192.0.2.7 198.51.100.1 1')],
  ['two spaces', v1('PROXY TCP4  192.0.2.7 198.51.100.1 1 25')],
  ['a line without end', Buffer.from(`PROXY TCP4 ${'1'.repeat(120)}`)],
  ['version 3', v2('31110000')],
  ['an unknown command', v2('22110000')],
  ['an unknown address family', v2('2141000cc0000207c6336401dc040019')],
  ['a short address block', v2('21110004c0000207')],
  ['an endless extension', v2('2111ffff')],
];

describe('the PROXY header', () => {
  for (const [name, header, client] of VALID) {
    it(`of ${name} names the client however it is cut, and leaves what follows`, () => {
      const whole = Buffer.concat([header, Buffer.from('EHLO x\r\n')]);
      const parsed = parseProxyHeader(whole);
      assert.equal(parsed.kind, client === 'local' ? 'local' : 'proxied');
      if (parsed.kind === 'proxied') assert.equal(parsed.clientAddress, client);
      if (parsed.kind === 'proxied' || parsed.kind === 'local') {
        assert.equal(Buffer.from(parsed.rest).toString(), 'EHLO x\r\n');
      }
      for (let length = 0; length < header.length; length += 1) {
        assert.equal(parseProxyHeader(header.subarray(0, length)).kind, 'need-more', `${length} bytes`);
      }
    });
  }

  for (const [name, bytes] of INVALID) {
    it(`is refused with ${name}`, () => {
      assert.equal(parseProxyHeader(bytes).kind, 'invalid');
    });
  }

  it('of arbitrary bytes gives an answer, and never waits for more than 2 064 bytes', () => {
    const prefix = fc.constantFrom(Buffer.alloc(0), Buffer.from('PROXY '), v2(''));
    fc.assert(
      fc.property(prefix, fc.uint8Array({ maxLength: 3_000 }), (start, tail) => {
        const parsed = parseProxyHeader(Buffer.concat([start, tail]));
        assert.ok(parsed.kind !== 'need-more' || start.length + tail.length < 2_064);
      }),
      { numRuns: RUNS },
    );
  });
});
