/**
 * Reads the fields of a message off the wire, whatever it really is: each accessor answers a value of the
 * kind it names, or throws the error the reader was made with. A field that is missing is zero, as in
 * both encodings.
 */
import { shapeError } from '../../contract/reply-fault.ts';
import { SelectorError } from '../../errors.ts';

/** Makes the error for a fault; `detail` says where and what. */
export type ShapeFault = (detail: string) => SelectorError;

export class WireReader {
  readonly #fields: object;
  /** Name of the message, for faults. */
  readonly #name: string;
  readonly #fault: ShapeFault;

  private constructor(value: unknown, name: string, fault: ShapeFault) {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw fault(`${name} is no message`);
    this.#fields = value;
    this.#name = name;
    this.#fault = fault;
  }

  /** For what a host asks; faults are SELECTOR_REQUEST_SHAPE. */
  static ofRequest(value: unknown, name: string): WireReader {
    return new WireReader(
      value,
      name,
      (detail) =>
        new SelectorError('SELECTOR_REQUEST_SHAPE', `The host asked an unusable question: ${detail}.`),
    );
  }

  /** For what a plugin answers; faults are SELECTOR_REPLY_SHAPE and name the selector. */
  static ofReply(value: unknown, name: string, selector: string): WireReader {
    return new WireReader(value, name, (detail) => shapeError(selector, detail));
  }

  text(field: string): string {
    const value = this.#get(field) ?? '';
    if (typeof value !== 'string') throw this.#wrong(field, 'a string');
    return value;
  }

  flag(field: string): boolean {
    const value = this.#get(field) ?? false;
    if (typeof value !== 'boolean') throw this.#wrong(field, 'a bool');
    return value;
  }

  /** 0 … 2^53 - 1. */
  uint(field: string): number {
    const value = this.#get(field) ?? 0;
    if (!isUint(value)) throw this.#wrong(field, 'a number from 0 up to 2^53 - 1');
    return value;
  }

  /** ±(2^53 - 1). */
  int(field: string): number {
    const value = this.#get(field) ?? 0;
    if (typeof value !== 'number' || !Number.isSafeInteger(value)) {
      throw this.#wrong(field, 'a whole number below 2^53');
    }
    return value;
  }

  /** Finite. */
  float(field: string): number {
    const value = this.#get(field) ?? 0;
    if (typeof value !== 'number' || !Number.isFinite(value)) throw this.#wrong(field, 'a finite number');
    return value;
  }

  message(field: string): WireReader {
    return new WireReader(this.#get(field) ?? {}, field, this.#fault);
  }

  messages(field: string): readonly WireReader[] {
    return this.#list(field).map((entry) => new WireReader(entry, field, this.#fault));
  }

  texts(field: string): readonly string[] {
    return this.#list(field).map((entry) => {
      if (typeof entry !== 'string') throw this.#wrong(field, 'a list of strings');
      return entry;
    });
  }

  uints(field: string): readonly number[] {
    return this.#list(field).map((entry) => {
      if (!isUint(entry)) throw this.#wrong(field, 'a list of numbers from 0 up to 2^53 - 1');
      return entry;
    });
  }

  /** A map of strings. */
  labels(field: string): Readonly<Record<string, string>> {
    const value = this.#get(field) ?? new Map();
    if (!(value instanceof Map)) throw this.#wrong(field, 'a map');
    const entries: [string, string][] = [];
    for (const [key, label] of value) {
      if (typeof key !== 'string' || typeof label !== 'string') throw this.#wrong(field, 'a map of strings');
      entries.push([key, label]);
    }
    return Object.fromEntries(entries);
  }

  #list(field: string): readonly unknown[] {
    const value = this.#get(field) ?? [];
    if (!Array.isArray(value)) throw this.#wrong(field, 'a list');
    return value;
  }

  /** Own fields only: decoded structs have no prototype, but not everything here was decoded. */
  #get(field: string): unknown {
    return Object.hasOwn(this.#fields, field) ? Reflect.get(this.#fields, field) : undefined;
  }

  #wrong(field: string, wanted: string): SelectorError {
    return this.#fault(`${this.#name}.${field} is not ${wanted}`);
  }
}

function isUint(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
