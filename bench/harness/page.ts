/** The generated parts of docs/performance.md; the text around them is written by hand. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CELLS, type Cell } from './cells.ts';
import { goalsTable } from './goals.ts';
import type { CellResult } from './results.ts';
import { cellTable } from './table.ts';

const PAGE = join(import.meta.dirname, '..', '..', 'docs', 'performance.md');

/** Writes goals and tables of all results between their markers. */
export function writePage(results: readonly CellResult[]): void {
  let text = readFileSync(PAGE, 'utf8');
  text = replaceBetween(text, 'goals', goalsTable(results));
  text = replaceBetween(text, 'environment', describeAll(results));
  text = replaceBetween(text, 'tables', allTables(results));
  writeFileSync(PAGE, text);
}

/** Writes one part that belongs to a bench of its own. */
export function writeSection(name: string, content: string): void {
  writeFileSync(PAGE, replaceBetween(readFileSync(PAGE, 'utf8'), name, content));
}

/**
 * Puts `content` between `<!-- name -->` and `<!-- /name -->`.
 * @throws Error when a marker is missing.
 */
export function replaceBetween(text: string, name: string, content: string): string {
  const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const from = text.indexOf(open);
  const to = text.indexOf(close);
  if (from < 0 || to < from) throw new Error(`the page has no markers ${open} and ${close}`);
  return `${text.slice(0, from + open.length)}\n${content}\n${text.slice(to)}`;
}

/** Heading, how it was measured, table, who was left out. */
export function cellSection(cell: Cell, result: CellResult): string {
  const passes = result.passes.length + result.idlePasses.length;
  const times = cell.kind === 'idle' ? '' : ` of ${result.duration.seconds} s${warmUpText(result)}`;
  return [
    `### ${cell.name}: ${cell.title}`,
    '',
    `${result.date}, revision ${result.environment.revision}, ${passes} ${passes === 1 ? 'pass' : 'passes'}${times}.`,
    '',
    cellTable(cell, result),
    ...result.leftOut.map((line) => `\nLeft out: ${line}.`),
  ].join('\n');
}

function warmUpText({ duration }: CellResult): string {
  return `, warm-up ${duration.warmupMessages} messages or ${duration.warmupSeconds} s`;
}

function allTables(results: readonly CellResult[]): string {
  const sections = CELLS.map((cell) => {
    const result = results.find((candidate) => candidate.cell === cell.name);
    return result === undefined
      ? `### ${cell.name}: ${cell.title}\n\nNot measured.`
      : cellSection(cell, result);
  });
  return `\n${sections.join('\n\n')}\n`;
}

/** One line for each machine and set of versions that results come from. */
function describeAll(results: readonly CellResult[]): string {
  const lines = new Map<string, string[]>();
  for (const { cell, environment } of results) {
    const line = `${environment.machine}; ${environment.versions.join(', ')}`;
    lines.set(line, [...(lines.get(line) ?? []), cell]);
  }
  if (lines.size <= 1) return [...lines.keys()].map((line) => `${line}.`).join('\n');
  return [...lines].map(([line, cells]) => `- ${cells.join(', ')}: ${line}.`).join('\n');
}
