/**
 * Relative links of the Markdown documents: the file must exist, and so must the heading behind a `#`.
 */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import type { Problem } from './problem.ts';

const LINK = /\[[^\]]*\]\(([^)\s]+)(?:\s+"[^"]*")?\)/g;

/** Checks every `.md` file among `files` (paths relative to `root`). */
export async function findBrokenLinks(root: string, files: readonly string[]): Promise<readonly Problem[]> {
  const problems: Problem[] = [];
  for (const file of files.filter((name) => name.endsWith('.md'))) {
    const lines = withoutCode(await readFile(join(root, file), 'utf8')).split('\n');
    for (const [index, line] of lines.entries()) {
      for (const [, target] of line.matchAll(LINK)) {
        const message = await problemOf(root, file, target ?? '');
        if (message !== undefined) problems.push({ file, line: index + 1, message });
      }
    }
  }
  return problems;
}

async function problemOf(root: string, file: string, target: string): Promise<string | undefined> {
  if (/^[a-z][a-z0-9+.-]*:/i.test(target)) return undefined;
  const [path = '', anchor] = target.split('#', 2);
  const aim = path === '' ? file : normalize(join(dirname(file), decodeURI(path)));
  if (aim.startsWith('..')) return `link leaves the repository: ${target}`;
  if (!existsSync(join(root, aim))) return `no such file: ${target}`;
  if (anchor === undefined || !aim.endsWith('.md')) return undefined;
  const headings = headingAnchors(await readFile(join(root, aim), 'utf8'));
  return headings.has(anchor) ? undefined : `no such heading: ${target}`;
}

/** Anchors as Markdown viewers make them: lower case, blanks to dashes, punctuation dropped. */
function headingAnchors(markdown: string): ReadonlySet<string> {
  const headings = withoutCode(markdown).matchAll(/^#{1,6} +(.*)$/gm);
  return new Set(
    [...headings].map(([, text]) =>
      (text ?? '')
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

/** Fenced blocks emptied, line count kept: what looks like a link in there is none. */
function withoutCode(markdown: string): string {
  return markdown.replaceAll(/^```[\s\S]*?^```/gm, (block) => block.replaceAll(/[^\n]/g, ''));
}
