import { LabelCells } from './label-cells.ts';

/** What a distribution is called, and what it sorts into. */
export interface DistributionOptions {
  readonly name: string;
  readonly help: string;
  readonly labelName?: string;
  /** Upper bounds, ascending. */
  readonly buckets: readonly number[];
}

/** Observations of one label value. */
interface Observed {
  /** How many fell into each bucket, those of lower buckets not among them; the last: above all bounds. */
  readonly counts: Float64Array;
  count: number;
  sum: number;
}

/**
 * A histogram for what happens with every message. It observes by adding to plain numbers, and writes
 * itself in the Prometheus text format, since the library takes no histogram that was counted elsewhere.
 */
export class Distribution {
  readonly #options: DistributionOptions;
  readonly #bounds: Float64Array;
  readonly #cells: LabelCells<Observed>;

  constructor(options: DistributionOptions) {
    this.#options = options;
    this.#bounds = Float64Array.from(options.buckets);
    const size = options.buckets.length + 1;
    this.#cells = new LabelCells(options.labelName === undefined ? 0 : 1, () => ({
      counts: new Float64Array(size),
      count: 0,
      sum: 0,
    }));
  }

  /** Throws a TypeError for what is no finite number: it would spoil the sum for ever. */
  observe(value: number, label = ''): void {
    if (!Number.isFinite(value)) throw new TypeError(`${this.#options.name}: ${value} is no measure`);
    const observed = this.#cells.at(label);
    const bucket = this.#bucketOf(value);
    observed.counts[bucket] = (observed.counts[bucket] ?? 0) + 1;
    observed.count += 1;
    observed.sum += value;
  }

  /** All lines, without an end of line after the last. */
  exposition(): string {
    const { name, help } = this.#options;
    const lines = [`# HELP ${name} ${help}`, `# TYPE ${name} histogram`];
    for (const { values, cell } of this.#cells.all)
      lines.push(...this.#linesOf(cell, String(values[0] ?? '')));
    return lines.join('\n');
  }

  #bucketOf(value: number): number {
    const bounds = this.#bounds;
    let index = 0;
    for (const bound of bounds) {
      if (value <= bound) break;
      index += 1;
    }
    return index;
  }

  #linesOf({ counts, count, sum }: Observed, value: string): readonly string[] {
    const { name, labelName } = this.#options;
    const label = labelName === undefined ? '' : `${labelName}="${escapeLabel(value)}"`;
    const and = label === '' ? '' : `,${label}`;
    const all = label === '' ? '' : `{${label}}`;
    let below = 0;
    const buckets = this.#options.buckets.map((bound, index) => {
      below += counts[index] ?? 0;
      return `${name}_bucket{le="${bound}"${and}} ${below}`;
    });
    const total = [`${name}_bucket{le="+Inf"${and}} ${count}`, `${name}_sum${all} ${sum}`];
    return [...buckets, ...total, `${name}_count${all} ${count}`];
  }
}

function escapeLabel(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
}
