import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { firstMailboxAddress } from '../../src/message/mailbox-address.ts';

const runs = { numRuns: Number(process.env['FUZZ_RUNS'] ?? 200) };

const LISTS: readonly (readonly [string, string])[] = [
  ['a@x.example', 'a@x.example'],
  ['Jane <jane@x.example>', 'jane@x.example'],
  ['"Doe, Jane" <jane@x.example>', 'jane@x.example'],
  ['"a <fake@evil.example>" <real@x.example>', 'real@x.example'],
  ['(comment <fake@evil.example>) real@x.example (more)', 'real@x.example'],
  ['(nested (comment) <fake@evil.example>) real@x.example', 'real@x.example'],
  ['a@x.example, b@y.example', 'a@x.example'],
  [', ,a@x.example', 'a@x.example'],
  ['Team: a@x.example, b@y.example;', 'a@x.example'],
  ['undisclosed-recipients:;', ''],
  ['"odd local"@x.example', '"odd local"@x.example'],
  ['<@relay.example,@other.example:a@x.example>', 'a@x.example'],
  ['"quote \\" inside" <a@x.example>', 'a@x.example'],
  ['no address at all', ''],
  ['two words@x.example', ''],
  ['a@', ''],
  ['@x.example', ''],
  ['<>', ''],
  ['', ''],
  ['a@b@c.example', ''],
  ['Grüße <grüße@x.example>', 'grüße@x.example'],
  [`${'a'.repeat(400)}@x.example`, ''],
];

for (const [list, address] of LISTS) {
  test(`The first mailbox of ${JSON.stringify(list.slice(0, 60))} is ${JSON.stringify(address)}`, () => {
    assert.equal(firstMailboxAddress(list), address);
  });
}

test('Any text gives an address of bounded length without controls, or nothing', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 500 }), (text) => {
      const address = firstMailboxAddress(text);
      assert.ok(address === '' || /^\P{Cc}+@[^\s@]+$/u.test(address));
      assert.ok(address.length <= 320);
    }),
    runs,
  );
});

test('A plain address is found behind any quoted display name', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 60 }), (name) => {
      const quoted = `"${name.replace(/["\\]/g, '\\$&')}"`;
      assert.equal(firstMailboxAddress(`${quoted} <a@x.example>`), 'a@x.example');
    }),
    runs,
  );
});
