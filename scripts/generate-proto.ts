/**
 * `npm run proto [-- --check]`: writes the code made from selector.proto for every language, or says what of
 * it is not what the file says. The generators are installed below `.cache/`; needs npm, Go and Python with pip.
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { formatProblem, type Problem } from './docs/problem.ts';
import { GENERATED_CODE } from './proto/generated-code.ts';
import { installGenerators } from './proto/install-generators.ts';

const root = resolve(import.meta.dirname, '..');

/** What the generators make of the file, by the path it is committed under. */
async function generate(): Promise<ReadonlyMap<string, string>> {
  const generators = await installGenerators(join(root, '.cache/proto'));
  const out = await mkdtemp(join(root, '.cache/proto/out-'));
  const texts = new Map<string, string>();
  try {
    for (const { run, files } of GENERATED_CODE) {
      await run(generators, { root, out });
      for (const [made, committed] of Object.entries(files)) {
        texts.set(committed, await readFile(join(out, made), 'utf8'));
      }
    }
    return texts;
  } finally {
    await rm(out, { recursive: true, force: true });
  }
}

async function write(file: string, text: string): Promise<void> {
  const path = join(root, file);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}

async function findStale(texts: ReadonlyMap<string, string>): Promise<readonly Problem[]> {
  const problems: Problem[] = [];
  for (const [file, text] of texts) {
    const committed = await readFile(join(root, file), 'utf8').catch(() => '');
    if (committed !== text) {
      problems.push({ file, line: 0, message: 'is not what selector.proto says; run npm run proto' });
    }
  }
  return problems;
}

const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });
const texts = await generate();
if (!values.check) for (const [file, text] of texts) await write(file, text);
const problems = await findStale(texts);
for (const problem of problems) console.error(formatProblem(problem));
console.log(`proto: ${texts.size} generated files, ${problems.length} problems`);
if (problems.length > 0) process.exitCode = 1;
