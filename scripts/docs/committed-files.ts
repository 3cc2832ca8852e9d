/**
 * The files of the repository: what git tracks, and what it would track if it were added.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { runTool } from '../process/run-tool.ts';

/** Paths relative to `root`, with slashes, sorted; deleted ones left out. */
export async function committedFiles(root: string): Promise<readonly string[]> {
  const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const { stdout } = await runTool('git', args, { cwd: root });
  const files = new Set(stdout.split('\0').filter((file) => file !== ''));
  return [...files].filter((file) => existsSync(join(root, file))).sort(byCodeUnit);
}

/** The same order on every machine, whatever its locale. */
export function byCodeUnit(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
