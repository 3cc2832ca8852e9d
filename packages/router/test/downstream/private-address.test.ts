import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isPrivateAddress } from '../../src/downstream/private-address.ts';

const PRIVATE = [
  '127.0.0.1',
  '127.9.9.9',
  '10.0.0.1',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.1',
  '169.254.0.1',
  '::1',
  'fd00::1',
  'fe80::1',
  'fe80::1%lo',
  '::ffff:10.0.0.1',
  '::ffff:127.0.0.1',
];
const PUBLIC = [
  '8.8.8.8',
  '172.15.0.1',
  '172.32.0.1',
  '11.0.0.1',
  '192.169.0.1',
  '2001:db8::1',
  '::ffff:8.8.8.8',
  '',
  'localhost',
  '10.0.0',
];

for (const address of PRIVATE) {
  test(`${address} does not leave this network`, () => assert.equal(isPrivateAddress(address), true));
}
for (const address of PUBLIC) {
  test(`${JSON.stringify(address)} is not known to be private`, () =>
    assert.equal(isPrivateAddress(address), false));
}
