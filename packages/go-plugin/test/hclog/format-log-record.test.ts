import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { formatLogRecord } from '../../src/hclog/format-log-record.ts';
import { LOG_LEVELS } from '../../src/hclog/log-level.ts';
import { LogReader } from '../../src/hclog/log-reader.ts';
import { fuzzRuns } from '../fuzz-runs.ts';

const numRuns = fuzzRuns(200);

test('a record has hclog’s keys and a time of six fractional digits', () => {
  const line = formatLogRecord({ level: 'info', message: 'up', module: 'rr', time: 0, pairs: { port: 25 } });
  assert.equal(
    line,
    '{"@level":"info","@message":"up","@module":"rr","@timestamp":"1970-01-01T00:00:00.000000Z","port":25}\n',
  );
});

test('a pair cannot replace a key of the record', () => {
  const line = formatLogRecord({ level: 'info', message: 'm', time: 0, pairs: { '@level': 7 } });
  assert.equal(JSON.parse(line)['@level'], 'info');
  assert.equal(JSON.parse(line)['level'], 7);
});

test('values JSON has no form for become text', () => {
  const circular: { self?: unknown } = {};
  circular.self = circular;
  const pairs = { circular, big: 2n ** 70n, nan: Number.NaN, error: new Error('x'), none: undefined };
  assert.deepEqual(
    new LogReader().read(toPiece(formatLogRecord({ level: 'warn', message: 'm', time: 0, pairs })))?.pairs,
    [
      ['circular', '[object Object]'],
      ['big', '1180591620717411303424'],
      ['nan', 'NaN'],
      ['error', 'x'],
      ['none', 'undefined'],
    ],
  );
});

test('a record too long for a host is cut, not split', () => {
  const line = formatLogRecord({ level: 'info', message: '\0'.repeat(100_000), time: 0, pairs: { a: 'b' } });
  assert.ok(Buffer.byteLength(line) < 65_536);
  assert.equal(JSON.parse(line)['truncated'], true);
});

test('every record is one line with string fields, whatever is logged', () => {
  const entries = fc.record({
    level: fc.constantFrom(...LOG_LEVELS),
    message: fc.string({ unit: 'binary' }),
    time: fc.oneof(fc.nat(4_000_000_000_000), fc.double()),
    pairs: fc.dictionary(fc.string(), fc.anything()),
  });
  fc.assert(
    fc.property(entries, (entry) => {
      const line = formatLogRecord(entry);
      assert.equal(line.indexOf('\n'), line.length - 1);
      const record = JSON.parse(line);
      for (const key of ['@level', '@message', '@timestamp']) assert.equal(typeof record[key], 'string');
      assert.match(record['@timestamp'], /^[+-]?\d+-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
    }),
    { numRuns },
  );
});

function toPiece(line: string): { bytes: Uint8Array; position: 'whole' } {
  return { bytes: new TextEncoder().encode(line.trimEnd()), position: 'whole' };
}
