/**
 * First in, first out. `Array.shift` moves what remains and leaves compiled code to do it; queues here
 * hold one or two items most of the time and are used several times per command.
 */
export class Fifo<T> {
  #items: T[] = [];
  #head = 0;

  get isEmpty(): boolean {
    return this.#head === this.#items.length;
  }

  push(item: T): void {
    this.#items.push(item);
  }

  /** The oldest item, which stays. */
  peek(): T | undefined {
    return this.#items[this.#head];
  }

  /** Takes the oldest item out. */
  shift(): T | undefined {
    const item = this.#items[this.#head];
    if (item === undefined) return undefined;
    this.#head += 1;
    if (this.#head === this.#items.length) this.clear();
    else if (this.#head === COMPACT_AT) this.#compact();
    return item;
  }

  /** Puts another item in the place of the oldest. */
  replace(item: T): void {
    if (!this.isEmpty) this.#items[this.#head] = item;
  }

  /** One by one: setting the length leaves compiled code, and there are few. */
  clear(): void {
    while (this.#items.length > 0) this.#items.pop();
    this.#head = 0;
  }

  #compact(): void {
    this.#items = this.#items.slice(this.#head);
    this.#head = 0;
  }
}

/** Taken items are let go at the latest when there are that many. */
const COMPACT_AT = 64;
