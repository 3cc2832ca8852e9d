/** What a run of the conformance tests came to, statement by statement. */
import { run } from 'node:test';
import { spec, type TestEvent } from 'node:test/reporters';
import { CONFORMANCE_TESTS } from './sources.ts';

/** How one statement went on one release; `release` is `fixture` for those that need none. */
export interface StatementResult {
  readonly number: number;
  readonly release: string;
  readonly outcome: 'pass' | 'fail' | 'skip';
  /** The first line of the error, or the reason of the skip. */
  readonly why: string;
}

/** A file that hangs fails by its name instead of holding up the whole run. */
const FILE_TIMEOUT_MS = 300_000;

/** The title `statement` in interop/conformance/support makes. */
const TITLE = /^(\d+)\. .* \[(?:go-plugin )?([\w.]+)\]$/;

/** Runs all of them, showing the readable report; a file that does not load is a failure without a number. */
export async function runConformance(): Promise<readonly StatementResult[]> {
  const events = run({
    globPatterns: [CONFORMANCE_TESTS],
    concurrency: 2,
    timeout: FILE_TIMEOUT_MS,
  });
  const results: StatementResult[] = [];
  events.on('data', (event) => {
    const result = resultOf(event);
    if (result !== undefined) results.push(result);
  });
  const report = events.compose(new spec());
  report.pipe(process.stdout);
  await new Promise((resolve) => report.on('end', resolve));
  return results;
}

function resultOf(event: TestEvent): StatementResult | undefined {
  if (event.type !== 'test:pass' && event.type !== 'test:fail') return undefined;
  const { name, skip, details } = event.data;
  const [, number, release = ''] = TITLE.exec(name) ?? [];
  if (number === undefined) {
    const isFailedFile = event.type === 'test:fail' && details.type !== 'suite';
    return isFailedFile ? { number: 0, release: name, outcome: 'fail', why: name } : undefined;
  }
  if (event.type === 'test:fail') {
    return { number: Number(number), release, outcome: 'fail', why: firstLine(event.data.details.error) };
  }
  if (skip === undefined || skip === false)
    return { number: Number(number), release, outcome: 'pass', why: '' };
  return { number: Number(number), release, outcome: 'skip', why: typeof skip === 'string' ? skip : '' };
}

function firstLine(error: Error): string {
  const { cause } = error;
  const message = cause instanceof Error ? cause.message : error.message;
  return message.split('\n', 1)[0] ?? '';
}
