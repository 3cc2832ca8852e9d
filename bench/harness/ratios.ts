/** Medians and ratios over passes. What differs from pass to pass (other load, heat) is the same inside one. */

/** Passes of one cell: every pass holds one measurement per peer, taken one after the other. */
export type Passes<T extends Row> = readonly (readonly T[])[];

/** A measurement of whatever kind. */
export interface Row {
  readonly peer: string;
}

/** Middle and ends of some figures; NaN when there are none. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly count: number;
}

/** Middle value; the mean of the two middle ones for an even count. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length / 2;
  const lower = sorted[Math.ceil(half) - 1] ?? Number.NaN;
  const upper = sorted[Math.floor(half)] ?? Number.NaN;
  return (lower + upper) / 2;
}

/** Median, least and greatest of one figure of one peer. */
export function spreadOf<T extends Row>(passes: Passes<T>, peer: string, pick: (row: T) => number): Spread {
  return spread(passes.flatMap((pass) => pass.filter((row) => row.peer === peer).map(pick)));
}

/** `combine(peer, other)` of every pass that has both. */
export function spreadInside<T extends Row>(
  passes: Passes<T>,
  peer: string,
  other: string,
  combine: (row: T, against: T) => number,
): Spread {
  return spread(
    passes.flatMap((pass) => {
      const row = pass.find((candidate) => candidate.peer === peer);
      const against = pass.find((candidate) => candidate.peer === other);
      return row === undefined || against === undefined ? [] : [combine(row, against)];
    }),
  );
}

function spread(values: readonly number[]): Spread {
  const known = values.filter(Number.isFinite);
  return {
    median: median(known),
    min: known.length === 0 ? Number.NaN : Math.min(...known),
    max: known.length === 0 ? Number.NaN : Math.max(...known),
    count: known.length,
  };
}
