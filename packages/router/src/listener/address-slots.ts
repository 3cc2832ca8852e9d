import { addressGroup } from './address-group.ts';
import { NetworkList } from './network-list.ts';

const LOOPBACK = new NetworkList(['127.0.0.0/8', '::1/128']);

/** One connection among those of its address. Given back once, at the login or at the end. */
export interface AddressSlot {
  /** Harmless when repeated. */
  giveBack(): void;
}

/** Stands for the slot of whoever is not counted. */
const UNCOUNTED: AddressSlot = { giveBack() {} };

/**
 * How many connections one client address may have before it has logged in, over all listeners
 * (`limits.connections_per_address`). Addresses are counted as `addressGroup` says. Loopback is not
 * counted: whoever is on this machine has other ways to trouble it.
 */
export class AddressSlots {
  readonly max: number;
  /** Slots taken, by group; no entry is 0. Grows with open connections only. */
  readonly #taken = new Map<string, number>();

  constructor(max: number) {
    this.max = max;
  }

  /** Groups that hold a slot. */
  get groupCount(): number {
    return this.#taken.size;
  }

  /** Undefined when the address has all it may have. */
  take(address: string): AddressSlot | undefined {
    if (LOOPBACK.has(address)) return UNCOUNTED;
    const group = addressGroup(address);
    const taken = this.#taken.get(group) ?? 0;
    if (taken >= this.max) return undefined;
    this.#taken.set(group, taken + 1);
    return new TakenSlot((): void => this.#release(group));
  }

  #release(group: string): void {
    const left = (this.#taken.get(group) ?? 0) - 1;
    if (left > 0) this.#taken.set(group, left);
    else this.#taken.delete(group);
  }
}

class TakenSlot implements AddressSlot {
  #release: (() => void) | undefined;

  constructor(release: () => void) {
    this.#release = release;
  }

  giveBack(): void {
    this.#release?.();
    this.#release = undefined;
  }
}
