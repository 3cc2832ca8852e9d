/**
 * `npm run conformance [-- --write]`: runs the 81 statements of conformance against every release of go-plugin and
 * compares the outcome with docs/protocol/conformance.md, or writes that page. Needs Go.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { GO_PLUGIN_VERSIONS } from '../interop/test/support/go-programs.ts';
import { PAGE, renderPage } from './conformance/page.ts';
import { runConformance } from './conformance/results.ts';
import { readStatements } from './conformance/sources.ts';

const root = resolve(import.meta.dirname, '..');
const { values } = parseArgs({ options: { write: { type: 'boolean', default: false } } });
const statements = await readStatements(root);
process.chdir(root);
const results = await runConformance();
const page = renderPage({ statements, results, releases: GO_PLUGIN_VERSIONS });
if (values.write) await writeFile(join(root, PAGE), page);
const expected = await readFile(join(root, PAGE), 'utf8').catch(() => '');
const differing = linesNotIn(page, expected);
for (const line of differing) console.error(`${PAGE} does not say: ${line}`);
for (const { number, release, why } of results.filter(({ outcome }) => outcome === 'fail')) {
  console.error(`fail: ${number} with ${release}: ${why}`);
}
console.log(`conformance: ${results.length} tests of ${statements.length} statements`);
if (differing.length > 0 || results.some(({ number }) => number === 0)) process.exitCode = 1;

function linesNotIn(page: string, other: string): readonly string[] {
  const known = new Set(other.split('\n'));
  return page.split('\n').filter((line) => !known.has(line));
}
