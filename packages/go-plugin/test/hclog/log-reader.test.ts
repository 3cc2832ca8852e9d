import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import type { LinePiece } from '../../src/hclog/line-splitter.ts';
import { LOG_LEVELS } from '../../src/hclog/log-level.ts';
import { LogReader } from '../../src/hclog/log-reader.ts';
import type { LogRecord } from '../../src/hclog/log-record.ts';
import { fuzzRuns } from '../fuzz-runs.ts';

const numRuns = fuzzRuns(200);
const piece = (text: string, position: LinePiece['position'] = 'whole'): LinePiece => ({
  bytes: new TextEncoder().encode(text),
  position,
});

const LINES: readonly (readonly [string, LogRecord | undefined])[] = [
  ['', undefined],
  ['plain text', { level: 'debug', message: 'plain text', pairs: [] }],
  ['[WARN]  low on fuel', { level: 'warn', message: 'low on fuel', pairs: [] }],
  ['[ERROR] x', { level: 'error', message: 'x', pairs: [] }],
  ['[TRACE] x', { level: 'trace', message: 'x', pairs: [] }],
  ['[NOTE] x', { level: 'debug', message: '[NOTE] x', pairs: [] }],
  [
    '{"@level":"info","@message":"up","@module":"m","@timestamp":"2026-01-02T03:04:05.678901Z","port":25,"ok":true}',
    {
      level: 'info',
      message: 'up',
      module: 'm',
      pairs: [
        ['port', 25],
        ['ok', true],
      ],
    },
  ],
  [
    '{"@level":"warn","@message":"m","@timestamp":"2026-01-02T03:04:05.678Z"}',
    { level: 'warn', message: 'm', pairs: [] },
  ],
  ['{"@level":"error","@message":"m"}', { level: 'error', message: 'm', pairs: [] }],
  ['{"@level":"loud","@message":"m"}', { level: 'debug', message: 'm', pairs: [] }],
  ['{"@message":"m"}', { level: 'debug', message: 'm', pairs: [] }],
  ['{"@level":"INFO"}', { level: 'info', message: '', pairs: [] }],
  ['{"@level":3,"@message":1,"@module":null}', { level: 'debug', message: '1', module: 'null', pairs: [] }],
  ['{"@message":["a",{"b":1}],"@timestamp":7}', { level: 'debug', message: '["a",{"b":1}]', pairs: [] }],
  [
    '{"@message":"m","list":[1,2],"nothing":null,"@caller":"f.go:1"}',
    {
      level: 'debug',
      message: 'm',
      pairs: [
        ['list', '[1,2]'],
        ['nothing', null],
        ['@caller', 'f.go:1'],
      ],
    },
  ],
  ['{"a":1}', { level: 'debug', message: '{"a":1}', pairs: [] }],
  ['["@message"]', { level: 'debug', message: '["@message"]', pairs: [] }],
  ['{"@message":', { level: 'debug', message: '{"@message":', pairs: [] }],
];

for (const [line, record] of LINES) {
  test(`the log line ${JSON.stringify(line.slice(0, 60))} is read without complaint`, () => {
    assert.deepEqual(new LogReader().read(piece(line)), record);
  });
}

test('pieces of an overlong line are text at level debug, even when they look like a record', () => {
  const record = new LogReader().read(piece('{"@level":"error","@message":"m"}', 'first'));
  assert.deepEqual(record, { level: 'debug', message: '{"@level":"error","@message":"m"}', pairs: [] });
});

for (const start of ['panic: boom', 'fatal error: all goroutines are asleep']) {
  test(`after "${start}" untagged lines are errors and the block is kept whole`, () => {
    const reader = new LogReader();
    assert.equal(reader.read(piece('before'))?.level, 'debug');
    assert.equal(reader.panic, undefined);
    assert.equal(reader.read(piece(start))?.level, 'error');
    assert.equal(reader.read(piece('')), undefined);
    assert.equal(reader.read(piece('goroutine 1 [running]:'))?.level, 'error');
    assert.equal(reader.read(piece('[INFO] tagged'))?.level, 'info');
    assert.equal(reader.read(piece('main.main()'))?.level, 'error');
    assert.equal(reader.panic, `${start}\n\ngoroutine 1 [running]:\nmain.main()`);
  });
}

test('a panic block is cut at its limit', () => {
  const reader = new LogReader({ maxPanicCharacters: 20 });
  reader.read(piece('panic: a'));
  for (let line = 0; line < 100; line++) reader.read(piece('0123456789'));
  assert.equal(reader.panic, 'panic: a\n0123456789\n');
});

test('nesting as deep as a line allows is text, not an exception', () => {
  const deep = `{"@message":"m","deep":${'['.repeat(30_000)}${']'.repeat(30_000)}}`;
  const record = new LogReader().read(piece(deep));
  assert.ok(record !== undefined && record.level === 'debug');
});

test('any line gives a record with a known level and flat pairs', () => {
  const json = fc
    .dictionary(
      fc.constantFrom('@level', '@message', '@module', '@timestamp', 'a', '__proto__'),
      fc.jsonValue(),
    )
    .map((object) => JSON.stringify(object));
  const line = fc.oneof(
    fc.string(),
    json,
    fc.uint8Array().map((raw) => Buffer.from(raw).toString('latin1')),
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 5 }), (lines) => {
      const reader = new LogReader();
      for (const text of lines) {
        const record = reader.read(piece(text));
        if (record === undefined) continue;
        assert.ok(LOG_LEVELS.includes(record.level));
        assert.equal(typeof record.message, 'string');
        for (const [, value] of record.pairs) assert.ok(value === null || typeof value !== 'object');
      }
    }),
    { numRuns },
  );
});
