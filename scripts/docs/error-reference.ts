/**
 * `docs/errors.md`: every code of every package's catalogue with what it means and what to do.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { readWorkspacePackages } from '../pack/workspace.ts';

/** One entry of a catalogue, as each package's `src/errors.ts` declares it. */
export interface ErrorEntry {
  readonly temporary: boolean;
  readonly meaning: string;
  readonly cause: string;
  readonly remedy: string;
}

/** The catalogue of one package. */
export interface ErrorCatalogue {
  /** Name of the package, as published. */
  readonly packageName: string;
  /** In the order of the source. */
  readonly entries: ReadonlyMap<string, ErrorEntry>;
}

/** Imports `src/errors.ts` of every package that has one. Rejects when a file holds no catalogue. */
export async function readErrorCatalogues(root: string): Promise<readonly ErrorCatalogue[]> {
  const catalogues: ErrorCatalogue[] = [];
  for (const { directory, manifest } of await readWorkspacePackages(root)) {
    const file = join(directory, 'src/errors.ts');
    if (!existsSync(file)) continue;
    const module: Readonly<Record<string, unknown>> = await import(pathToFileURL(file).href);
    catalogues.push({ packageName: manifest.name, entries: catalogueOf(module, file) });
  }
  return catalogues;
}

/** The page. Rejects a code that two packages claim. */
export function renderErrorReference(catalogues: readonly ErrorCatalogue[]): string {
  refuseDuplicates(catalogues);
  const sections = catalogues.map(
    ({ packageName, entries }) => `## ${packageName}\n\n${[...entries].map(renderEntry).join('\n')}`,
  );
  return `${HEAD}\n${sections.join('\n')}`;
}

const HEAD = `# Error codes

Written by \`npm run docs:check -- --write\` from \`packages/*/src/errors.ts\`; do not edit.

Every error carries one of these codes, in its log line and in its \`code\` property. A code keeps its
meaning for ever and is never used again for another. *Temporary* means that the same thing may succeed
later without anybody changing anything.
`;

function renderEntry([code, { temporary, meaning, cause, remedy }]: [string, ErrorEntry]): string {
  return `### ${code}

| | |
|---|---|
| Meaning | ${cell(meaning)} |
| Likely cause | ${cell(cause)} |
| What to do | ${cell(remedy)} |
| Temporary | ${temporary ? 'yes' : 'no'} |
`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll(/\s+/g, ' ');
}

function refuseDuplicates(catalogues: readonly ErrorCatalogue[]): void {
  const owner = new Map<string, string>();
  for (const { packageName, entries } of catalogues) {
    for (const code of entries.keys()) {
      const other = owner.get(code);
      if (other !== undefined)
        throw new Error(`${code} stands in the catalogues of ${other} and ${packageName}`);
      owner.set(code, packageName);
    }
  }
}

function catalogueOf(
  module: Readonly<Record<string, unknown>>,
  file: string,
): ReadonlyMap<string, ErrorEntry> {
  const entries = Object.entries(module)
    .filter(([name]) => /^[A-Z_]+_ERRORS$/.test(name))
    .flatMap(([, catalogue]) => (isRecord(catalogue) ? Object.entries(catalogue) : []));
  if (entries.length === 0) throw new Error(`${file} exports no catalogue named *_ERRORS`);
  return new Map(entries.map(([code, entry]) => [code, parseEntry(code, entry)]));
}

function parseEntry(code: string, value: unknown): ErrorEntry {
  if (isRecord(value)) {
    const { temporary, meaning, cause, remedy } = value;
    if (typeof temporary === 'boolean' && isText(meaning) && isText(cause) && isText(remedy)) {
      return { temporary, meaning, cause, remedy };
    }
  }
  throw new Error(`${code} must have temporary, meaning, cause and remedy`);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '';
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
