import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { addressGroup } from '../../src/listener/address-group.ts';

test('IPv4 addresses stand for themselves, in their IPv6 form too', () => {
  assert.equal(addressGroup('192.0.2.1'), '192.0.2.1');
  assert.equal(addressGroup('::ffff:192.0.2.1'), '192.0.2.1');
  assert.equal(addressGroup('0:0:0:0:0:FFFF:c000:201'), '192.0.2.1');
  assert.equal(addressGroup('unknown'), 'unknown');
});

test('an IPv6 address stands for its /64 network, however it is written', () => {
  for (const address of ['2001:db8::1', '2001:0DB8:0:0:ffff::', '2001:db8::1.2.3.4', '2001:db8::%eth0']) {
    assert.equal(addressGroup(address), '2001:db8:0:0::/64', address);
  }
  assert.equal(addressGroup('::1'), '0:0:0:0::/64');
  assert.equal(addressGroup('1:2:3:4:5:6:7:8'), '1:2:3:4::/64');
});

test('the last 64 bits never matter, the first 64 always', () => {
  const group = fc.integer({ min: 1, max: 0xffff }).map((number) => number.toString(16));
  const half = fc.array(group, { minLength: 4, maxLength: 4 });
  fc.assert(
    fc.property(half, half, half, (network, one, other) => {
      const first = addressGroup([...network, ...one].join(':'));
      assert.equal(addressGroup([...network, ...other].join(':')), first);
      assert.equal(first, `${network.join(':')}::/64`);
    }),
  );
});
