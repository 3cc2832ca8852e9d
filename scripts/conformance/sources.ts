/** The statements of conformance as the sources have them: titles of tests, and those nothing shows yet. */
import { globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { PENDING } from '../../interop/conformance/pending.ts';

/** Statements there are (numbered from 1). */
export const STATEMENTS = 81;

/** One statement and where it is shown. */
export interface StatementSource {
  readonly number: number;
  /** What must hold. */
  readonly text: string;
  /** Test file relative to the repository, or undefined when nothing shows it. */
  readonly file: string | undefined;
  /** Why nothing shows it. */
  readonly pending?: string;
}

/** A title in a test file: `statement('7. …'` or `fixtureStatement('33. …'`. */
const TITLE = /\b(?:statement|fixtureStatement)\(\s*'(\d+)\. ([^']+)'/g;

export const CONFORMANCE_TESTS = 'interop/conformance/*.test.ts';

/** All statements in order. Rejects when one is missing, or stands twice. */
export async function readStatements(root: string): Promise<readonly StatementSource[]> {
  const found: StatementSource[] = [];
  for (const file of globSync(CONFORMANCE_TESTS, { cwd: root }).sort()) {
    const source = await readFile(join(root, file), 'utf8');
    for (const [, number, text = ''] of source.matchAll(TITLE))
      found.push({ number: Number(number), text, file });
  }
  for (const { title, why } of PENDING) {
    const [, number, text = ''] = /^(\d+)\. (.*)$/.exec(title) ?? [];
    found.push({ number: Number(number), text, file: undefined, pending: why });
  }
  return inOrder(found);
}

function inOrder(found: readonly StatementSource[]): readonly StatementSource[] {
  const byNumber = Map.groupBy(found, ({ number }) => number);
  return Array.from({ length: STATEMENTS }, (_, index) => {
    const [statement, second] = byNumber.get(index + 1) ?? [];
    if (statement === undefined) throw new Error(`interop/conformance: statement ${index + 1} is missing`);
    if (second !== undefined) throw new Error(`interop/conformance: statement ${index + 1} stands twice`);
    return statement;
  });
}

/** `launch` of `interop/conformance/launch.test.ts`. */
export function sectionOf(file: string): string {
  return basename(file, '.test.ts');
}
