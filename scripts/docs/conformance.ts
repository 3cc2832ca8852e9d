/** Whether the page of conformance has every statement, as the tests state it. A run alone can tell more. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PAGE } from '../conformance/page.ts';
import { readStatements } from '../conformance/sources.ts';
import type { Problem } from './problem.ts';

export async function findConformanceProblems(root: string): Promise<readonly Problem[]> {
  const lines = (await readFile(join(root, PAGE), 'utf8')).split('\n');
  const rows = lines.filter((line) => /^\| \d+ \|/.test(line));
  const statements = await readStatements(root);
  const problems: Problem[] = [];
  for (const [index, { number, text, file }] of statements.entries()) {
    const start = `| ${number} | ${text.replaceAll('|', '\\|')} | ${file === undefined ? '–' : '['}`;
    const isRight =
      rows[index]?.startsWith(start) === true && (file === undefined || rows[index].includes(file));
    if (!isRight) problems.push(problem(`statement ${number} is not the one of the tests`));
    else if (!/\| (?:pass|fail: [^|]+) \|$/.test(rows[index] ?? ''))
      problems.push(problem(`statement ${number} has no result`));
  }
  if (rows.length !== statements.length) problems.push(problem(`there are ${rows.length} rows`));
  return problems;
}

function problem(what: string): Problem {
  return { file: PAGE, line: 0, message: `${what}; run npm run conformance -- --write` };
}
