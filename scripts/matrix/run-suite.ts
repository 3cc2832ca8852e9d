/**
 * Runs one test suite under one Node and counts.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NO_TESTS, type TestCounts } from './test-counts.ts';

/** What to run. */
export interface SuiteRun {
  readonly root: string;
  /** Path of the Node binary: npm scripts would run the one in node_modules. */
  readonly node: string;
  /** Globs of test files, relative to `root`. */
  readonly files: readonly string[];
  /** Test files run at a time. */
  readonly concurrency: number;
  /** Milliseconds until the run is killed. */
  readonly timeoutMs: number;
}

/**
 * Streams the readable report to stdout and returns the counts. A run that ends badly without a failed test
 * (a file that does not load, a crash of the runner) counts as one failure.
 */
export async function runSuite(suite: SuiteRun): Promise<TestCounts> {
  const folder = await mkdtemp(join(tmpdir(), 'smtp-router-matrix-'));
  try {
    const countsFile = join(folder, 'counts.json');
    const status = await runNode(suite, countsFile);
    const counts = await readCounts(countsFile);
    return status !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function runNode({ root, node, files, concurrency, timeoutMs }: SuiteRun, countsFile: string) {
  const runner = join(import.meta.dirname, 'run-tests.ts');
  const args = ['--disable-warning=ExperimentalWarning', runner, countsFile, String(concurrency), ...files];
  return new Promise<number | null>((resolve, reject) => {
    // Each test file is a process of its own; with the cache of compiled code it starts in half the time.
    const env = { ...process.env, NODE_COMPILE_CACHE: join(root, '.cache/compile') };
    const options = { cwd: root, env, stdio: 'inherit', timeout: timeoutMs, killSignal: 'SIGKILL' } as const;
    spawn(node, args, options).on('error', reject).on('close', resolve);
  });
}

async function readCounts(file: string): Promise<TestCounts> {
  const text = await readFile(file, 'utf8').catch(() => '');
  // Written by run-tests.ts from a TestCounts.
  return text === '' ? NO_TESTS : (JSON.parse(text) as TestCounts);
}
