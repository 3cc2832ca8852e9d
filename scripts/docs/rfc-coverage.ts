/**
 * `docs/rfc-coverage.md`: which section of which RFC is dealt with in which file, collected from the
 * mentions in the source. The fixed spelling is `RFC 5321 §4.2.1`.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { byCodeUnit } from './committed-files.ts';
import { RFC_STANDING } from './rfc-standing.ts';

/** `RFC 5321 §4.1.1.4, §4.5.2`: one RFC, then as many sections as are named in a row. */
const MENTION = /RFC (\d{3,5})((?:,? (?:and )?§[0-9A-Z]+(?:\.\d+)*)*)/g;
const SECTION = /§([0-9A-Z]+(?:\.\d+)*)/g;

/** Files by section by RFC; section `''` means the RFC as a whole. */
export type RfcMentions = ReadonlyMap<number, ReadonlyMap<string, ReadonlySet<string>>>;

/** Reads the sources among `files` (paths relative to `root`). */
export async function collectRfcMentions(root: string, files: readonly string[]): Promise<RfcMentions> {
  const mentions = new Map<number, Map<string, Set<string>>>();
  for (const file of files.filter(isSource)) {
    const text = unwrapComments(await readFile(join(root, file), 'utf8'));
    for (const [, number, sections] of text.matchAll(MENTION)) {
      for (const section of sectionsOf(sections ?? '')) note(mentions, Number(number), section, file);
    }
  }
  return mentions;
}

/** The page: first how far the RFCs of mail are followed, then the files by section of every RFC mentioned. */
export function renderRfcCoverage(mentions: RfcMentions): string {
  const sections = [...mentions]
    .sort(([a], [b]) => a - b)
    .map(([number, sectionsOfRfc]) => renderRfc(number, sectionsOfRfc));
  return `${HEAD}\n${renderStandings()}\n${sections.join('\n')}`;
}

const HEAD = `# RFC coverage

Written by \`npm run docs:check -- --write\` from the mentions in the source; do not edit.
`;

function renderStandings(): string {
  const rows = [...RFC_STANDING]
    .sort(([a], [b]) => a - b)
    .map(([number, { title, standing, note }]) => `| ${number} | ${title} | ${standing} | ${note} |`);
  return `| RFC | title | standing | note |\n|---|---|---|---|\n${rows.join('\n')}\n`;
}

function renderRfc(number: number, sections: ReadonlyMap<string, ReadonlySet<string>>): string {
  const title = RFC_STANDING.get(number)?.title;
  const rows = [...sections]
    .sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }))
    .map(([section, files]) => `| ${section === '' ? 'as a whole' : `§${section}`} | ${fileLinks(files)} |`);
  const heading = title === undefined ? `RFC ${number}` : `RFC ${number}: ${title}`;
  return `## ${heading}\n\n| section | files |\n|---|---|\n${rows.join('\n')}\n`;
}

function fileLinks(files: ReadonlySet<string>): string {
  return [...files].sort(byCodeUnit).map(fileLink).join(', ');
}

function fileLink(file: string): string {
  return `[${file.replace(/^packages\//, '').replace('/src/', '/')}](../${file})`;
}

function isSource(file: string): boolean {
  return /^packages\/[^/]+\/src\/.*\.ts$/.test(file);
}

/** Joins lines of a comment, so that a mention may break across two of them. */
function unwrapComments(text: string): string {
  return text.replaceAll(/\n\s*(?:\*|\/\/) ?/g, ' ').replaceAll(/ {2,}/g, ' ');
}

function sectionsOf(text: string): readonly string[] {
  const sections = [...text.matchAll(SECTION)].map(([, section]) => section ?? '');
  return sections.length === 0 ? [''] : sections;
}

function note(
  mentions: Map<number, Map<string, Set<string>>>,
  rfc: number,
  section: string,
  file: string,
): void {
  const sections = mentions.get(rfc) ?? new Map<string, Set<string>>();
  const files = sections.get(section) ?? new Set<string>();
  mentions.set(rfc, sections.set(section, files.add(file)));
}
