/** `docs/protocol/conformance.md`: the statements and how they went. */
import type { StatementResult } from './results.ts';
import { type StatementSource, sectionOf } from './sources.ts';

export const PAGE = 'docs/protocol/conformance.md';

/** Sections in order, with the first statement of each. */
const SECTIONS: readonly (readonly [first: number, title: string])[] = [
  [1, 'Launch and handshake, host role'],
  [13, 'Plugin role'],
  [21, 'yamux'],
  [34, 'gob'],
  [45, 'net/rpc'],
  [55, 'gRPC'],
  [65, 'TLS'],
  [70, 'Logs'],
  [74, 'Life cycle'],
];

/** What the page is made of. */
export interface PageParts {
  readonly statements: readonly StatementSource[];
  readonly results: readonly StatementResult[];
  /** Releases of go-plugin, newest first. */
  readonly releases: readonly string[];
}

export function renderPage(parts: PageParts): string {
  const [newest = '', ...older] = parts.releases;
  const columns = [...older.toReversed(), newest];
  const lines = [
    ...head(parts, newest),
    ...SECTIONS.flatMap(([first, title], index) => {
      const end = SECTIONS[index + 1]?.[0] ?? Infinity;
      const statements = parts.statements.filter(({ number }) => number >= first && number < end);
      const rows = statements.map((statement) => row(statement, parts.results, columns));
      return [
        '',
        `## ${title}`,
        '',
        header(columns),
        `|---|---|---|${'---|'.repeat(columns.length)}`,
        ...rows,
      ];
    }),
  ];
  return `${lines.join('\n')}\n`;
}

function head({ statements, results }: PageParts, newest: string): readonly string[] {
  const passed = statements.filter((statement) => cell(statement, results, newest) === 'pass').length;
  return [
    '# Conformance with go-plugin',
    '',
    'Written by `npm run conformance -- --write` from a run of `interop/conformance`; do not edit. `npm run conformance`',
    'runs the same tests and fails when this page says something else.',
    '',
    `**${passed} of ${statements.length}** statements hold with go-plugin ${newest}, the newest release.`,
    '',
    'Each statement is one test, whose title it is. Statements about a conversation run as real processes, with a host or',
    'a plugin built on the real library at the other end. *fixture*: recorded bytes, or an engine of ours alone, show it.',
    '*ours alone*: the release of the other side has no part in it, so that the newest one is enough.',
  ];
}

function header(columns: readonly string[]): string {
  return `| | statement | test | ${columns.join(' | ')} |`;
}

function row(
  statement: StatementSource,
  results: readonly StatementResult[],
  columns: readonly string[],
): string {
  const { number, text, file } = statement;
  const test = file === undefined ? '–' : `[${sectionOf(file)}](../../${file})`;
  const cells = columns.map((release) => cell(statement, results, release, release === columns.at(-1)));
  return `| ${number} | ${escapeCell(text)} | ${test} | ${cells.join(' | ')} |`;
}

/** How a statement went on a release; on the newest one a fixture alone is a pass. */
function cell(
  { number, pending }: StatementSource,
  results: readonly StatementResult[],
  release: string,
  isNewest = true,
): string {
  if (pending !== undefined) return isNewest ? `fail: ${escapeCell(pending)}` : '–';
  const own = results.filter((result) => result.number === number);
  const fixture = own.find((result) => result.release === 'fixture');
  const result = own.find((each) => each.release === release) ?? fixture;
  if (result === undefined) return isNewest ? 'fail: it did not run' : 'did not run';
  if (result.outcome === 'fail') return `fail: ${escapeCell(result.why)}`;
  if (result.outcome === 'skip')
    return isNewest ? `fail: skipped, ${escapeCell(result.why)}` : escapeCell(result.why);
  return result === fixture && !isNewest ? 'fixture' : 'pass';
}

function escapeCell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll(/\s+/g, ' ');
}
