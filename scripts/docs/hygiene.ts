/**
 * What must not stand in a committed file: a path of somebody's machine, or the host of a package registry
 * (the lockfile is written without them, so that any mirror serves).
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Problem } from './problem.ts';

/** Each with a sentence. Written in pieces, so that this file does not find itself. */
const FORBIDDEN: readonly { readonly pattern: RegExp; readonly message: string }[] = [
  {
    pattern: new RegExp(`(?<![\\w.~])/(?:${['ho' + 'me', 'Us' + 'ers'].join('|')})/[a-z][\\w.-]*/`),
    message: 'names a folder of one person’s machine',
  },
  {
    pattern: new RegExp(`(?<![\\w.~$}*/-])/(?:${['ro' + 'ot', 'wo' + 'rk'].join('|')})/[\\w.-]+`),
    message: 'names a folder of one machine',
  },
  {
    pattern: new RegExp(
      ['registry\\.npm' + 'js\\.org', 'registry\\.yarn' + 'pkg\\.com', 'proxy\\.gol' + 'ang\\.org'].join('|'),
    ),
    message: 'names a package registry; the configuration of the machine decides which one is used',
  },
];

/** Checks every text file among `files` (paths relative to `root`). */
export async function findHygieneProblems(
  root: string,
  files: readonly string[],
): Promise<readonly Problem[]> {
  const problems: Problem[] = [];
  for (const file of files) {
    const content = await readFile(join(root, file));
    if (content.includes(0)) continue;
    for (const [index, line] of content.toString('utf8').split('\n').entries()) {
      for (const { pattern, message } of FORBIDDEN) {
        if (pattern.test(line)) problems.push({ file, line: index + 1, message });
      }
    }
  }
  return problems;
}
