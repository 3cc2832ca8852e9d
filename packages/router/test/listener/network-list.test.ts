import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { NetworkList } from '../../src/listener/network-list.ts';

const RUNS = { numRuns: Number(process.env['FUZZ_RUNS'] ?? 500) };

/** Numbers near each other, so that addresses often fall into networks and just beside them. */
function near(bits: number): fc.Arbitrary<bigint> {
  const base = (1n << BigInt(bits)) / 3n;
  const flip = fc.integer({ min: 0, max: bits - 1 }).map((bit) => 1n << BigInt(bit));
  const any = fc.bigInt({ min: 0n, max: (1n << BigInt(bits)) - 1n });
  return fc.oneof(
    fc.constant(base),
    flip.map((bit) => base ^ bit),
    any,
  );
}

const ipv4 = (value: bigint) => [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join('.');
const ipv6 = (value: bigint) =>
  Array.from({ length: 8 }, (_, group) => ((value >> BigInt(112 - 16 * group)) & 0xffffn).toString(16)).join(
    ':',
  );

const FAMILIES = [
  { bits: 32, text: ipv4 },
  { bits: 128, text: ipv6 },
] as const;

for (const { bits, text } of FAMILIES) {
  test(`membership is equality of the leading bits, of ${bits} bits`, () => {
    const prefix = fc.integer({ min: 0, max: bits });
    fc.assert(
      fc.property(near(bits), near(bits), prefix, (network, address, length) => {
        const shift = BigInt(bits - length);
        const list = new NetworkList([`${text(network)}/${length}`]);
        assert.equal(list.has(text(address)), network >> shift === address >> shift);
        assert.equal(list.has(text(network)), true);
      }),
      RUNS,
    );
  });
}

test('an IPv4 network has no address of IPv6; an IPv6 network has IPv4 addresses in their IPv6 form', () => {
  assert.equal(new NetworkList(['0.0.0.0/0']).has('::5'), false);
  assert.equal(new NetworkList(['2001:db8::/32']).has('32.1.13.184'), false);
  assert.equal(new NetworkList(['::ffff:10.0.0.0/104']).has('10.0.0.1'), true);
  assert.equal(new NetworkList(['::/0']).has('10.0.0.1'), true);
});

test('the IPv6 form of an IPv4 address is that address', () => {
  fc.assert(
    fc.property(near(32), near(32), fc.integer({ min: 0, max: 32 }), (network, address, length) => {
      const list = new NetworkList([`${ipv4(network)}/${length}`]);
      assert.equal(list.has(`::ffff:${ipv4(address)}`), list.has(ipv4(address)));
    }),
    RUNS,
  );
});

test('a list has what any of its networks has; single addresses are networks', () => {
  const list = new NetworkList(['10.0.0.0/8', '192.0.2.1', '2001:db8::/32', 'fe80::1']);
  for (const address of ['10.255.0.1', '192.0.2.1', '2001:db8:ffff::', 'fe80::1%eth0']) {
    assert.equal(list.has(address), true, address);
  }
  for (const address of ['11.0.0.1', '192.0.2.2', '2001:db9::', 'fe80::2', '', 'localhost', '10.0.0', '%']) {
    assert.equal(list.has(address), false, address);
  }
  assert.equal(new NetworkList([]).has('127.0.0.1'), false);
});

test('an address asked about again gets its own answer, whoever was asked about between', () => {
  const list = new NetworkList(['10.0.0.0/8']);
  const asked = ['10.1.2.3', '10.1.2.3', '192.0.2.1', '192.0.2.1', '', '10.1.2.3', 'no address', '10.1.2.3'];
  assert.deepEqual(
    asked.map((address) => list.has(address)),
    [true, true, false, false, false, true, false, true],
  );
});
