import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CELLS } from './cells.ts';
import type { Environment } from './environment.ts';
import type { Duration } from './load.ts';
import type { Measurement } from './measure.ts';
import type { IdleMeasurement } from './measure-idle.ts';
import type { Passes } from './ratios.ts';

/** What one cell brought, with what is needed to judge it. */
export interface CellResult {
  readonly cell: string;
  /** Day of the last pass, ISO 8601. */
  readonly date: string;
  readonly environment: Environment;
  readonly duration: Duration;
  /** Passes of a cell under load; none for idle cells. */
  readonly passes: Passes<Measurement>;
  /** Passes of an idle cell; none for cells under load. */
  readonly idlePasses: Passes<IdleMeasurement>;
  /** `peer: reason` of those that were not measured. */
  readonly leftOut: readonly string[];
}

const FOLDER = join(import.meta.dirname, '..', '.cache', 'results');

/** Keeps a result beside those of other cells; an earlier one of the same cell is replaced. */
export function saveResult(result: CellResult): void {
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(fileOf(result.cell), `${JSON.stringify(result, null, 1)}\n`);
}

/** The kept result of a cell. */
export function readResult(cell: string): CellResult | undefined {
  const file = fileOf(cell);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as CellResult) : undefined;
}

/** Every kept result, in the order of the cells. */
export function readResults(): readonly CellResult[] {
  return CELLS.map((cell) => readResult(cell.name)).filter((result) => result !== undefined);
}

function fileOf(cell: string): string {
  return join(FOLDER, `${cell}.json`);
}
