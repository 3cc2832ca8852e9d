import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { AddressPattern, matchesAny } from '../../src/message/address-pattern.ts';

const RUNS = { numRuns: Number(process.env['FUZZ_RUNS'] ?? 500) };

function matches(pattern: string, address: string): boolean {
  return new AddressPattern(pattern).matches(address);
}

test('a star stands for any characters on its side of the at sign', () => {
  for (const [pattern, address] of [
    ['app@example.com', 'APP@Example.COM'],
    ['*@example.com', 'any.body+x@example.com'],
    ['*@example.com', '"x@elsewhere.example"@example.com'],
    ['bounce-*@*.example.com', 'bounce-7@eu.example.com'],
    ['*', 'jürgen@bücher.example'],
    ['*@*', 'a@b'],
    ['a*b*c@d', 'abbc@d'],
    ['ab*ba@d', 'abba@d'],
  ] as const) {
    assert.equal(matches(pattern, address), true, `${pattern} ${address}`);
  }
});

test('what only looks like it does not match', () => {
  for (const [pattern, address] of [
    ['app@example.com', 'app@example.com.evil.example'],
    ['*@example.com', 'a@evil-example.com'],
    ['*@example.com', 'a@example.com@evil.example'],
    ['*@*.example.com', 'a@example.com'],
    ['app@*', 'evil@app@example.com'],
    ['ab*ba@d', 'aba@d'],
    ['*@example.com', '@example.com'],
    ['*', ''],
    ['*', 'nobody'],
    ['app@example.com', 'a.p@example.com'],
    ['kelvin@example.com', '\u212aelvin@example.com'],
  ] as const) {
    assert.equal(matches(pattern, address), false, `${pattern} ${address}`);
  }
});

test('one of several patterns is enough, none is not', () => {
  const patterns = ['a@x', '*@y'].map((pattern) => new AddressPattern(pattern));
  assert.equal(matchesAny(patterns, 'z@y'), true);
  assert.equal(matchesAny(patterns, 'z@x'), false);
  assert.equal(matchesAny([], 'z@x'), false);
});

/** Every way a star could be read, in a table: slow and plainly right. */
function matchesByTable(pattern: string, text: string): boolean {
  let reachable = new Set([0]);
  for (const character of pattern) {
    const next = new Set<number>();
    for (const place of reachable) {
      if (character !== '*') {
        if (text[place] === character) next.add(place + 1);
      } else {
        for (let end = place; end <= text.length; end += 1) next.add(end);
      }
    }
    reachable = next;
  }
  return reachable.has(text.length);
}

test('a pattern agrees with the table of all its readings', () => {
  const glob = fc.string({ unit: fc.constantFrom('a', 'b', '.', '*'), maxLength: 8 });
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '.'), minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(glob, glob, text, text, (localGlob, domainGlob, localPart, domain) => {
      const expected = matchesByTable(localGlob, localPart) && matchesByTable(domainGlob, domain);
      assert.equal(matches(`${localGlob}@${domainGlob}`, `${localPart}@${domain}`), expected);
    }),
    RUNS,
  );
});

test('many stars cost no more than one reading', () => {
  // Tried in every way this would take longer than the universe has been there.
  const pattern = `${'a*'.repeat(2_000)}b@x`;
  assert.equal(matches(pattern, `${'a'.repeat(100_000)}@x`), false);
  assert.equal(matches(pattern, `${'a'.repeat(100_000)}b@x`), true);
});
