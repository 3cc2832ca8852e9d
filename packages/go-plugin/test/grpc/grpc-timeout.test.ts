import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatGrpcTimeout, parseGrpcTimeout } from '../../src/grpc/grpc-timeout.ts';

for (const [timeoutMs, text] of [
  [0, '1m'],
  [0.2, '1m'],
  [2000, '2000m'],
  [1999.5, '2000m'],
  [99_999_999, '99999999m'],
  [100_000_000, '100000S'],
  [Number.MAX_SAFE_INTEGER, '99999999S'],
] as const) {
  test(`${timeoutMs} ms are written ${text}`, () => assert.equal(formatGrpcTimeout(timeoutMs), text));
}

for (const [text, timeoutMs] of [
  ['1H', 3_600_000],
  ['2M', 120_000],
  ['3S', 3000],
  ['4m', 4],
  ['5000u', 5],
  ['6000000n', 6],
  ['0m', 0],
  ['123456789m', undefined],
  ['m', undefined],
  ['1', undefined],
  ['-1m', undefined],
  ['1s', undefined],
  ['1m 2', undefined],
] as const) {
  test(`"${text}" is read as ${timeoutMs} ms`, () => assert.equal(parseGrpcTimeout(text), timeoutMs));
}
