import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { addressGroup } from '../../src/listener/address-group.ts';
import { type AddressSlot, AddressSlots } from '../../src/listener/address-slots.ts';

const RUNS = { numRuns: Number(process.env['FUZZ_RUNS'] ?? 300) };

test('an address has so many slots, and another one its own', () => {
  const slots = new AddressSlots(2);
  const first = slots.take('192.0.2.1');
  assert.ok(first && slots.take('192.0.2.1'));
  assert.equal(slots.take('192.0.2.1'), undefined);
  assert.equal(slots.take('::ffff:192.0.2.1'), undefined);
  assert.ok(slots.take('192.0.2.2'));
  first.giveBack();
  assert.ok(slots.take('192.0.2.1'));
});

test('the /64 network of an IPv6 address is one client', () => {
  const slots = new AddressSlots(1);
  assert.ok(slots.take('2001:db8:1:2::1'));
  assert.equal(slots.take('2001:db8:1:2:ffff::9'), undefined);
  assert.ok(slots.take('2001:db8:1:3::1'));
});

test('loopback is not counted, in whatever form it comes', () => {
  const slots = new AddressSlots(1);
  for (const address of ['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1']) {
    for (let count = 0; count < 5; count += 1) assert.ok(slots.take(address), address);
  }
  assert.equal(slots.groupCount, 0);
});

test('a slot given back twice counts once', () => {
  const slots = new AddressSlots(1);
  const slot = slots.take('192.0.2.1');
  slot?.giveBack();
  assert.ok(slots.take('192.0.2.1'));
  slot?.giveBack();
  assert.equal(slots.take('192.0.2.1'), undefined);
});

test('never more than allowed for any client, and nothing stays behind', () => {
  const address = fc.constantFrom('192.0.2.1', '192.0.2.2', '2001:db8::1', '2001:db8::2', '2001:db8:0:1::1');
  const step = fc.record({ address, isTaking: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 4 }), (steps, max) => {
      const slots = new AddressSlots(max);
      const held = new Map<string, AddressSlot[]>();
      for (const { address, isTaking } of steps) {
        const group = addressGroup(address);
        const mine = held.get(group) ?? [];
        held.set(group, mine);
        if (!isTaking) {
          mine.pop()?.giveBack();
          continue;
        }
        const slot = slots.take(address);
        assert.equal(slot === undefined, mine.length === max);
        if (slot !== undefined) mine.push(slot);
      }
      for (const slot of [...held.values()].flat()) slot.giveBack();
      assert.equal(slots.groupCount, 0);
    }),
    RUNS,
  );
});
