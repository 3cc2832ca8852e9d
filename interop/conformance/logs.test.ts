import assert from 'node:assert/strict';
import { describe } from 'node:test';
import type { PluginOutput } from '@smtp-router/go-plugin/host';
import { waitFor } from '../test/support/scratch.ts';
import { GoHost } from './support/go-host.ts';
import { launchKit } from './support/go-plugin-kit.ts';
import { statement } from './support/statement.ts';

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error'] as const;

/** Lines no reader may stumble upon, and the level and text expected of each. */
const ODD_LINES: readonly (readonly [line: string, level: string, message: string])[] = [
  ['{"@level":"warn","@message":"no time"}', 'warn', 'no time'],
  [
    '{"@level":"warn","@message":"three digits","@timestamp":"2026-01-02T03:04:05.678Z"}',
    'warn',
    'three digits',
  ],
  ['{"@level":"info","@message":1}', 'info', '1'],
  ['{"@level":3,"@message":"level as number"}', 'debug', 'level as number'],
  ['{"@level":"info","@message":"time as number","@timestamp":7}', 'info', 'time as number'],
  ['{"@level":"loud","@message":"no such level"}', 'debug', 'no such level'],
  ['{"@message":"no level","list":[1,{"a":null}]}', 'debug', 'no level'],
  ['[1,2,3]', 'debug', '[1,2,3]'],
  ['{"half":', 'debug', '{"half":'],
  ['[WARN] tagged', 'warn', 'tagged'],
  ['plain', 'debug', 'plain'],
];

describe('logs', () => {
  statement(
    '70. Records of every level with pairs, without time, with odd times, lists, and numbers for texts never do harm and have a sensible level.',
    async (t, release) => {
      const { kit, outputs } = await launchKit(t, release);
      for (const level of LEVELS) await kit.call('Log', { Level: level, Message: `at ${level}` });
      for (const [line] of ODD_LINES)
        await kit.call('Write', { Stream: 'stderr', Text: `${line}\n`, Count: 1 });
      const records = await waitFor('records', 20_000, async () => {
        const all = recordsOf(outputs);
        return all.at(-1)?.message === 'plain' ? all : undefined;
      });
      for (const level of LEVELS) {
        const record = records.find(({ message }) => message === `at ${level}`);
        assert.ok(record !== undefined, level);
        assert.deepEqual([record.level, record.module], [level, 'kit']);
        assert.deepEqual(Object.fromEntries(record.pairs), { number: 7, list: '[1,2]' });
      }
      for (const [line, level, message] of ODD_LINES) {
        assert.ok(
          records.some((record) => record.level === level && record.message === message),
          line,
        );
      }
    },
  );

  statement(
    '71. Our records have texts for level, message and time, with six digits of the second; a Go host shows the right level.',
    async (t, release) => {
      const host = await GoHost.start(t, release);
      for (const level of LEVELS) await host.call('Log', { Level: level, Message: `at ${level}` });
      const lines = await waitFor('records', 20_000, async () => {
        const log = await host.do<string[]>({ do: 'log' });
        return log.some((line) => line.includes('at error')) ? log : undefined;
      });
      for (const level of LEVELS) {
        const line = lines.find((each) => each.includes(`"@message":"at ${level}"`));
        assert.match(line ?? '', new RegExp(`"@level":"${level}"`));
        assert.match(line ?? '', /"timestamp":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+(?:Z|[+-]\d+)/);
      }
      assert.equal(await host.call('Text', 'not crashed'), 'not crashed');
    },
  );

  statement(
    '72. The block a dying Go program prints is kept whole and told with the failure.',
    async (t, release) => {
      const { host, kit } = await launchKit(t, release);
      await assert.rejects(kit.call('Panic', 'on purpose'));
      const { panic = '' } = await host.exited;
      assert.match(panic, /^panic: on purpose/);
      assert.match(panic, /goroutine \d+ \[running\]:[\s\S]*conformance.*server\.go/);
    },
  );

  statement(
    '73. A line of 1 MiB without an end costs no more memory than the limit of a line.',
    async (t, release) => {
      const { host, kit, outputs } = await launchKit(t, release);
      await kit.call('Write', { Stream: 'stderr', Text: 'x'.repeat(1024), Count: 1024 });
      assert.equal(await kit.call('Text', 'goes on'), 'goes on');
      await host.kill();
      const lengths = recordsOf(outputs).map(({ message }) => message.length);
      for (const length of lengths) assert.ok(length <= 65_536);
      const read = lengths.reduce((sum, length) => sum + length, 0);
      const dropped = outputs.reduce((sum, each) => sum + (each.kind === 'dropped' ? each.bytes : 0), 0);
      // The plugin says a few words more when it ends.
      assert.ok(read + dropped >= 1_048_576 && read + dropped < 1_048_576 + 4096);
    },
  );
});

function recordsOf(outputs: readonly PluginOutput[]) {
  return outputs.flatMap((output) => (output.kind === 'log' ? [output.record] : []));
}
