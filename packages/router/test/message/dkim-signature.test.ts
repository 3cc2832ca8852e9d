import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { domainsSigning } from '../../src/message/dkim-signature.ts';
import { HeaderFields } from '../../src/message/header-fields.ts';

function domains(...signatures: readonly string[]): readonly string[] {
  const section = signatures.map((value) => `DKIM-Signature: ${value}\r\n`).join('');
  return domainsSigning(new HeaderFields(Buffer.from(`${section}\r\n`)), 'From');
}

test('a signature counts when its h= names the field (RFC 6376 §3.5)', () => {
  assert.deepEqual(domains('v=1; d=example.com; h=from:to; b=xx'), ['example.com']);
  assert.deepEqual(domains('v=1; d = a.example;\r\n h=To :\r\n\tFROM; b=x', 'd=b.example; h=to'), [
    'a.example',
  ]);
  assert.deepEqual(domains('h=from', 'd=b.example; h=from'), ['', 'b.example']);
});

test('a signature that does not name the field, or is none, does not count', () => {
  assert.deepEqual(domains(), []);
  assert.deepEqual(domains('d=a.example; h=x-from:to; b=from', 'from', ';;=;h', 'd=a.example; bh=from'), []);
});

test('no bytes make it throw, and it names no more domains than there are signatures', () => {
  const unit = fc.constantFrom('h', 'd', '=', ';', ':', 'from', ' ', '\r\n ', '\xff', '\x00');
  fc.assert(
    fc.property(fc.array(fc.string({ unit, maxLength: 30 }), { maxLength: 4 }), (signatures) => {
      assert.ok(domains(...signatures).length <= signatures.length);
    }),
    { numRuns: Number(process.env['FUZZ_RUNS'] ?? 500) },
  );
});
