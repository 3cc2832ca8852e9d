/**
 * Runs the test files named by globs under the Node that executes this file, shows the readable report, and
 * leaves the counts as JSON in a file: the half of the matrix that must run inside the Node under test.
 *
 *     NODE scripts/matrix/run-tests.ts COUNTS_FILE CONCURRENCY GLOB…
 */
import { writeFileSync } from 'node:fs';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { countEvent, NO_TESTS } from './test-counts.ts';

const [countsFile = '', concurrency = '1', ...globPatterns] = process.argv.slice(2);
// A file that hangs fails by its name instead of holding up the whole run.
const FILE_TIMEOUT_MS = 300_000;
const events = run({ globPatterns, concurrency: Number(concurrency), timeout: FILE_TIMEOUT_MS });
let counts = NO_TESTS;
events.on('data', (event) => {
  counts = countEvent(counts, event);
});
events.on('end', () => {
  writeFileSync(countsFile, JSON.stringify(counts));
  if (counts.failed > 0) process.exitCode = 1;
});
events.compose(new spec()).pipe(process.stdout);
