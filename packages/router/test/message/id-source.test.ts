import assert from 'node:assert/strict';
import { randomFillSync } from 'node:crypto';
import { test } from 'node:test';
import { IdSource } from '../../src/message/id-source.ts';

test('Ids sort by the time they were made', () => {
  let now = Date.UTC(2026, 0, 1);
  const ids = new IdSource({ clock: { wallTime: () => now }, random: (bytes) => void randomFillSync(bytes) });
  const made = Array.from({ length: 50 }, () => {
    now += 1_234_567;
    return ids.next();
  });
  for (const [index, id] of made.slice(1).entries()) assert.ok(id > (made[index] ?? ''));
});

test('Ids are 17 digits and lower-case letters, fit for a header', () => {
  const ids = new IdSource({
    clock: { wallTime: () => 1_800_000_000_000 },
    random: (bytes) => void bytes.fill(255),
  });
  assert.match(ids.next(), /^[0-9a-z]{17}$/);
});

test('Ids of one millisecond differ by their random part', () => {
  const ids = new IdSource({ clock: { wallTime: () => 1 }, random: (bytes) => void randomFillSync(bytes) });
  const made = new Set(Array.from({ length: 2_000 }, () => ids.next()));
  assert.equal(made.size, 2_000);
});

test('No random byte serves twice', () => {
  let fetches = 0;
  const random = (bytes: Uint8Array): void => {
    fetches += 1;
    randomFillSync(bytes);
  };
  const ids = new IdSource({ clock: { wallTime: () => 1 }, random });
  const made = new Set(Array.from({ length: 1_000 }, () => ids.next()));
  assert.equal(made.size, 1_000);
  assert.equal(fetches, 4);
});
