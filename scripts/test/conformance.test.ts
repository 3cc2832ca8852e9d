import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { renderPage } from '../conformance/page.ts';
import type { StatementResult } from '../conformance/results.ts';
import { readStatements, type StatementSource } from '../conformance/sources.ts';

const ROOT = join(import.meta.dirname, '../..');
const FILE = 'interop/conformance/yamux.test.ts';

function statement(number: number, more: Partial<StatementSource> = {}): StatementSource {
  return { number, text: `Statement | ${number}.`, file: FILE, ...more };
}

function result(number: number, release: string, more: Partial<StatementResult> = {}): StatementResult {
  return { number, release, outcome: 'pass', why: '', ...more };
}

/** Cells of a statement's results, old releases first. */
function cells(source: StatementSource, results: readonly StatementResult[]): readonly string[] {
  const page = renderPage({ statements: [source], results, releases: ['2.0.0', '1.0.0'] });
  const row = page.split('\n').find((line) => line.startsWith(`| ${source.number} |`)) ?? '';
  assert.match(row, /^\| \d+ \| Statement \\\| \d+\. \| /);
  return row.split(' | ').slice(-2);
}

describe('the page of conformance', () => {
  it('says pass where the real library was there', () => {
    assert.deepEqual(cells(statement(21), [result(21, '2.0.0'), result(21, '1.0.0')]), ['pass', 'pass |']);
  });

  it('says fixture for old releases, and pass for the newest, of what needs none', () => {
    assert.deepEqual(cells(statement(21), [result(21, 'fixture')]), ['fixture', 'pass |']);
  });

  it('says why an old release has no part, and takes a skip on the newest for a failure', () => {
    const skip = { outcome: 'skip', why: 'too old' } as const;
    assert.deepEqual(cells(statement(21), [result(21, '2.0.0', skip), result(21, '1.0.0', skip)]), [
      'too old',
      'fail: skipped, too old |',
    ]);
  });

  it('says how a failure began, in one line of the table', () => {
    const failed = result(21, '2.0.0', { outcome: 'fail', why: 'a | b' });
    assert.deepEqual(cells(statement(21), [failed]), ['did not run', 'fail: a \\| b |']);
  });

  it('takes a statement without a test, or without a run, for a failure', () => {
    const pending: StatementSource = { number: 21, text: 'Statement | 21.', file: undefined, pending: 'why' };
    assert.deepEqual(cells(pending, []), ['–', 'fail: why |']);
    assert.deepEqual(cells(statement(21), []), ['did not run', 'fail: it did not run |']);
  });

  it('counts what holds with the newest release', () => {
    const statements = [statement(21), statement(22), statement(23)];
    const results = [result(21, '2.0.0'), result(22, 'fixture'), result(23, '1.0.0')];
    const page = renderPage({ statements, results, releases: ['2.0.0', '1.0.0'] });
    assert.match(page, /^\*\*2 of 3\*\* statements hold with go-plugin 2\.0\.0/m);
  });
});

describe('the statements in the sources', () => {
  it('are 81, each once', async () => {
    const statements = await readStatements(ROOT);
    assert.deepEqual(
      statements.map(({ number }) => number),
      Array.from({ length: 81 }, (_, index) => index + 1),
    );
  });
});
