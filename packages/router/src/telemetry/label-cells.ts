/** What a label may be; numbers are written in decimal. */
export type LabelValue = string | number;

/** One combination of label values and what is kept for it. */
export interface LabelledCell<Cell> {
  /** As many as there are label names. */
  readonly values: readonly LabelValue[];
  readonly cell: Cell;
}

/**
 * Finds what is kept for a combination of up to three label values without making a key of them: three
 * looks into a map. Fewer labels leave the last values away.
 */
export class LabelCells<Cell> {
  readonly #labelCount: number;
  readonly #create: () => Cell;
  readonly #known = new Map<LabelValue, Map<LabelValue, Map<LabelValue, Cell>>>();
  readonly #all: LabelledCell<Cell>[] = [];

  constructor(labelCount: number, create: () => Cell) {
    this.#labelCount = labelCount;
    this.#create = create;
    if (labelCount === 0) this.at();
  }

  /** Every combination met so far, the oldest first; without labels there is one from the beginning. */
  get all(): readonly LabelledCell<Cell>[] {
    return this.#all;
  }

  /** The same cell for the same values, always. */
  at(first: LabelValue = '', second: LabelValue = '', third: LabelValue = ''): Cell {
    return this.#known.get(first)?.get(second)?.get(third) ?? this.#add(first, second, third);
  }

  #add(first: LabelValue, second: LabelValue, third: LabelValue): Cell {
    const cell = this.#create();
    this.#all.push({ values: [first, second, third].slice(0, this.#labelCount), cell });
    const below = within(within(this.#known, first), second);
    below.set(third, cell);
    return cell;
  }
}

function within<Key, Inner>(outer: Map<LabelValue, Map<Key, Inner>>, value: LabelValue): Map<Key, Inner> {
  const known = outer.get(value);
  if (known !== undefined) return known;
  const inner = new Map<Key, Inner>();
  outer.set(value, inner);
  return inner;
}
