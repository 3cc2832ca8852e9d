/**
 * How many client connections may be open at a time, over all listeners (`limits.connections`).
 * Whoever takes a slot gives it back once.
 */
export class ConnectionSlots {
  readonly max: number;
  #taken = 0;

  constructor(max: number) {
    this.max = max;
  }

  get taken(): number {
    return this.#taken;
  }

  /** False when all slots are taken. */
  tryTake(): boolean {
    if (this.#taken >= this.max) return false;
    this.#taken += 1;
    return true;
  }

  giveBack(): void {
    this.#taken -= 1;
  }
}
