/** A call that is known by its number. */
export interface Numbered {
  readonly seq: number;
}

/** Places at first; a power of two, as it stays when it grows. */
const PLACES = 16;

/**
 * Calls without an end yet, by number. Numbers rise and most calls end soon, so that a call lies at the
 * place its number has modulo the number of places; one that is still there when its place is wanted
 * again moves to a map. A map alone is built anew every few calls, since it fills with what was deleted.
 */
export class PendingCalls<T extends Numbered> {
  #places: (T | undefined)[] = new Array<undefined>(PLACES).fill(undefined);
  readonly #late = new Map<number, T>();
  /** Calls in `#places`. */
  #placed = 0;

  get size(): number {
    return this.#placed + this.#late.size;
  }

  /** @param call its number is higher than all before */
  add(call: T): void {
    if (this.#placed * 2 > this.#places.length) this.#grow();
    const place = call.seq % this.#places.length;
    const late = this.#places[place];
    if (late === undefined) this.#placed += 1;
    else this.#late.set(late.seq, late);
    this.#places[place] = call;
  }

  get(seq: number): T | undefined {
    const call = this.#places[seq % this.#places.length];
    return call?.seq === seq ? call : this.#late.get(seq);
  }

  delete(call: T): void {
    const place = call.seq % this.#places.length;
    if (this.#places[place] === call) {
      this.#places[place] = undefined;
      this.#placed -= 1;
    } else {
      this.#late.delete(call.seq);
    }
  }

  /** Takes all out; answers them in order of their numbers. */
  takeAll(): T[] {
    const calls = [...this.#late.values(), ...this.#placedCalls()];
    this.#places.fill(undefined);
    this.#placed = 0;
    this.#late.clear();
    return calls.sort((one, other) => one.seq - other.seq);
  }

  #placedCalls(): T[] {
    return this.#places.filter((call) => call !== undefined);
  }

  /** Twice the places: those that met at one place before may lie apart now, never the other way round. */
  #grow(): void {
    const calls = this.#placedCalls();
    this.#places = new Array<undefined>(this.#places.length * 2).fill(undefined);
    for (const call of calls) this.#places[call.seq % this.#places.length] = call;
  }
}
