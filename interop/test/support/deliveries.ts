import type { CapturingSink } from './capturing-sink.ts';

/** Which messages came to which sink, told by a line `X-Mark: MARK.` in each. */
export class Deliveries {
  readonly #sinks: readonly CapturingSink[];
  /** Messages read so far, by sink. */
  readonly #read: number[];
  /** Copies by sink, by mark. */
  readonly #copies = new Map<string, number[]>();

  constructor(sinks: readonly CapturingSink[]) {
    this.#sinks = sinks;
    this.#read = sinks.map(() => 0);
  }

  /** How many copies of a message each sink got. */
  of(mark: string): readonly number[] {
    this.#readOn();
    return this.#copiesOf(mark);
  }

  #readOn(): void {
    for (const [sink, { contents }] of this.#sinks.entries()) {
      for (const content of contents.slice(this.#read[sink])) this.#count(content, sink);
      this.#read[sink] = contents.length;
    }
  }

  #count(content: Buffer, sink: number): void {
    const mark = /^X-Mark: ([^.]*)\./m.exec(content.toString('latin1'))?.[1] ?? '';
    const copies = this.#copiesOf(mark);
    copies[sink] = (copies[sink] ?? 0) + 1;
  }

  #copiesOf(mark: string): number[] {
    const copies = this.#copies.get(mark) ?? this.#sinks.map(() => 0);
    this.#copies.set(mark, copies);
    return copies;
  }
}
