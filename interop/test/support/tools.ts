/**
 * Programs of the machine that interop tests need. A missing one is a skip that names it; where everything
 * must run (`CI=true` or `INTEROP_REQUIRE_ALL=1`) it is a failure.
 */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { TestContext } from 'node:test';

/** Debian puts Postfix's test programs outside of a user's PATH. */
const EXTRA_FOLDERS = ['/usr/sbin', '/usr/local/sbin', '/usr/local/go/bin'];

/** True when nothing may be skipped. */
export const isEverythingRequired =
  process.env['CI'] === 'true' || process.env['INTEROP_REQUIRE_ALL'] === '1';

/** Absolute path of a program, or undefined. */
export function findTool(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...EXTRA_FOLDERS];
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

/**
 * True when the test can go on. Otherwise the test is marked as skipped, naming what is missing, and must return.
 */
export function hasTools(t: TestContext, names: readonly string[]): boolean {
  return lacksNothing(t, missingTools(names));
}

/** Those of the programs that are not there, as `lacksNothing` wants them. */
export function missingTools(names: readonly string[]): readonly string[] {
  return names.filter((name) => findTool(name) === undefined).map((name) => `${name} is not installed`);
}

/** Like `hasTools` for anything else a test needs: `missing` holds one sentence for each thing, without its dot. */
export function lacksNothing(t: TestContext, missing: readonly string[]): boolean {
  if (missing.length === 0) return true;
  if (isEverythingRequired) throw new Error(`needed here: ${missing.join(', ')}`);
  t.skip(missing.join(', '));
  return false;
}

/** Path of a program that `hasTools` has seen. */
export function tool(name: string): string {
  const path = findTool(name);
  if (path === undefined) throw new Error(`${name} is not installed`);
  return path;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
