/** Something that is due at a time. */
export interface Due {
  /** Milliseconds on the caller's clock; fixed while in a heap. */
  readonly dueAt: number;
  /** Kept by the heap: where the entry is, -1 outside. */
  heapIndex: number;
}

/**
 * Entries by the time they are due: a binary heap in an array, in which each entry knows its place, so
 * that taking out one that was settled early costs no search and leaves nothing behind.
 */
export class DeadlineHeap<T extends Due> {
  readonly #entries: T[] = [];

  get size(): number {
    return this.#entries.length;
  }

  /** The entry due first. */
  get first(): T | undefined {
    return this.#entries[0];
  }

  /** All of them, in no order; a copy. */
  entries(): readonly T[] {
    return [...this.#entries];
  }

  add(entry: T): void {
    this.#place(entry, this.#entries.length);
    this.#rise(entry);
  }

  /** Takes the entry out; without effect when it is not in this heap. */
  remove(entry: T): void {
    const index = entry.heapIndex;
    if (this.#entries[index] !== entry) return;
    entry.heapIndex = -1;
    const last = this.#entries.pop();
    if (last === undefined || last === entry) return;
    this.#place(last, index);
    this.#rise(last);
    this.#sink(last);
  }

  #place(entry: T, index: number): void {
    this.#entries[index] = entry;
    entry.heapIndex = index;
  }

  #rise(entry: T): void {
    while (entry.heapIndex > 0) {
      const parentIndex = (entry.heapIndex - 1) >> 1;
      const parent = this.#entries[parentIndex];
      if (parent === undefined || parent.dueAt <= entry.dueAt) return;
      this.#place(parent, entry.heapIndex);
      this.#place(entry, parentIndex);
    }
  }

  #sink(entry: T): void {
    for (;;) {
      const child = this.#earlierChild(entry.heapIndex);
      if (child === undefined || child.dueAt >= entry.dueAt) return;
      const childIndex = child.heapIndex;
      this.#place(child, entry.heapIndex);
      this.#place(entry, childIndex);
    }
  }

  #earlierChild(index: number): T | undefined {
    const left = this.#entries[2 * index + 1];
    const right = this.#entries[2 * index + 2];
    if (left === undefined || right === undefined) return left;
    return right.dueAt < left.dueAt ? right : left;
  }
}
