import { Counter, Gauge, type Registry } from 'prom-client';
import { LabelCells, type LabelValue } from './label-cells.ts';

/** What a tally is called, and how it is labelled. */
export interface TallyOptions {
  readonly name: string;
  readonly help: string;
  readonly labelNames?:
    | readonly []
    | readonly [string]
    | readonly [string, string]
    | readonly [string, string, string];
  /** A gauge may go down. Default counter. */
  readonly type?: 'counter' | 'gauge';
}

/** A number of one combination of labels; whoever counts changes it. */
export interface TallyCell {
  count: number;
}

/**
 * A counter or gauge for what happens with every message: counting is adding to a plain number. The
 * library learns the numbers when somebody reads the metrics.
 */
export class Tally {
  readonly #cells: LabelCells<TallyCell>;
  readonly #labelNames: readonly string[];

  constructor(registry: Registry, { name, help, labelNames = [], type = 'counter' }: TallyOptions) {
    this.#labelNames = labelNames;
    this.#cells = new LabelCells(labelNames.length, () => ({ count: 0 }));
    const tell = (metric: Counter | Gauge): void => this.#tell(metric);
    const Shape = type === 'counter' ? Counter : Gauge;
    new Shape({
      name,
      help,
      labelNames: [...labelNames],
      registers: [registry],
      collect() {
        tell(this);
      },
    });
  }

  /** The number of these label values, in the order of the names. */
  at(first?: LabelValue, second?: LabelValue, third?: LabelValue): TallyCell {
    return this.#cells.at(first, second, third);
  }

  /** Adds an amount where there are no labels. Throws a TypeError for one that would spoil the number. */
  add(amount: number): void {
    if (!(amount >= 0 && Number.isFinite(amount))) throw new TypeError(`${amount} cannot be added`);
    this.#cells.at().count += amount;
  }

  #tell(metric: Counter | Gauge): void {
    metric.reset();
    for (const { values, cell } of this.#cells.all) metric.inc(this.#labels(values), cell.count);
  }

  #labels(values: readonly LabelValue[]): Record<string, LabelValue> {
    const labels: Record<string, LabelValue> = {};
    for (const [index, name] of this.#labelNames.entries()) labels[name] = values[index] ?? '';
    return labels;
  }
}
