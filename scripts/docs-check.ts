/**
 * `npm run docs:check [-- --write]`: the generated pages equal what the source says (with `--write` they are
 * written anew), every relative link leads somewhere, no committed file names one machine or a registry, and the page of
 * conformance has every statement.
 */
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { describeConfig } from '../packages/router/src/config/describe-config.ts';
import { committedFiles } from './docs/committed-files.ts';
import { findConformanceProblems } from './docs/conformance.ts';
import { readErrorCatalogues, renderErrorReference } from './docs/error-reference.ts';
import { findHygieneProblems } from './docs/hygiene.ts';
import { findBrokenLinks } from './docs/links.ts';
import { formatProblem, type Problem } from './docs/problem.ts';
import { collectRfcMentions, renderRfcCoverage } from './docs/rfc-coverage.ts';

const root = resolve(import.meta.dirname, '..');

/** Pages that are written from the source, by path. */
async function generatedPages(files: readonly string[]): Promise<ReadonlyMap<string, string>> {
  return new Map([
    ['docs/errors.md', renderErrorReference(await readErrorCatalogues(root))],
    ['docs/config.md', describeConfig()],
    ['docs/rfc-coverage.md', renderRfcCoverage(await collectRfcMentions(root, files))],
  ]);
}

async function writePages(pages: ReadonlyMap<string, string>): Promise<void> {
  for (const [file, text] of pages) await writeFile(join(root, file), text);
}

async function findStalePages(pages: ReadonlyMap<string, string>): Promise<readonly Problem[]> {
  const problems: Problem[] = [];
  for (const [file, text] of pages) {
    const path = join(root, file);
    if (existsSync(path) && (await readFile(path, 'utf8')) === text) continue;
    problems.push({
      file,
      line: 0,
      message: 'is not what the source says; run npm run docs:check -- --write',
    });
  }
  return problems;
}

const { values } = parseArgs({ options: { write: { type: 'boolean', default: false } } });
const files = await committedFiles(root);
const pages = await generatedPages(files);
if (values.write) await writePages(pages);
const problems = [
  ...(await findStalePages(pages)),
  ...(await findBrokenLinks(root, files)),
  ...(await findHygieneProblems(root, files)),
  ...(await findConformanceProblems(root)),
];
for (const problem of problems) console.error(formatProblem(problem));
console.log(`docs: ${pages.size} generated pages, ${files.length} files, ${problems.length} problems`);
if (problems.length > 0) process.exitCode = 1;
