/**
 * Runs a suite under several versions of Node and closes with one line over all of them.
 *
 *     node scripts/test-matrix.ts [--suite test|test:interop] [--no-skip] NODE_BINARY…
 *
 * A suite is a script of package.json, which names its files. Without a binary the Node that runs this script is
 * used. `--no-skip` makes a skipped test a failure.
 */
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { runSuite } from './matrix/run-suite.ts';
import { formatCounts, sumCounts, type TestCounts } from './matrix/test-counts.ts';
import { runTool } from './process/run-tool.ts';

const root = resolve(import.meta.dirname, '..');
const RUN_TIMEOUT_MS = 600_000;

/** Files and concurrency as the npm script states them, so that both always mean the same. */
async function readSuite(script: string): Promise<{ files: readonly string[]; concurrency: number }> {
  const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
    readonly scripts: Readonly<Record<string, string>>;
  };
  const command = manifest.scripts[script] ?? '';
  const files = [...command.matchAll(/"([^"]+\.test\.ts)"/g)].map(([, glob]) => glob ?? '');
  if (files.length === 0) throw new Error(`package.json: script ${script} names no test files`);
  const stated = /--test-concurrency=(\d+)/.exec(command)?.[1];
  const concurrency = stated === undefined ? availableParallelism() : Number(stated);
  return { files, concurrency };
}

const { values, positionals } = parseArgs({
  options: {
    suite: { type: 'string', default: 'test' },
    'no-skip': { type: 'boolean', default: false },
  },
  allowPositionals: true,
});
const suite = await readSuite(values.suite);
const closing: string[] = [];
const results: TestCounts[] = [];
for (const node of positionals.length === 0 ? [process.execPath] : positionals) {
  const version = (await runTool(node, ['--version'], { cwd: root })).stdout.trim();
  console.log(`\n== ${values.suite} on Node ${version}`);
  const counts = await runSuite({ root, node, ...suite, timeoutMs: RUN_TIMEOUT_MS });
  results.push(counts);
  closing.push(`Node ${version}: ${formatCounts(counts)}`);
}
const total = sumCounts(results);
for (const skip of new Set(total.skips)) console.log(`skipped: ${skip}`);
for (const line of closing) console.log(line);
console.log(formatCounts(total));
if (total.failed > 0 || total.passed === 0 || (values['no-skip'] && total.skipped > 0)) process.exitCode = 1;
