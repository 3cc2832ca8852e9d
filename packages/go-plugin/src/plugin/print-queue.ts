/**
 * What a plugin's code prints on one stream, on its way to the host. While no host reads, or reads
 * slowly, a bounded amount waits; beyond it the oldest is lost, never the plugin's time. Each connection
 * iterates the queue; several share it, as readers of one pipe do.
 */
type Reader = (result: IteratorResult<Uint8Array, undefined>) => void;

export class PrintQueue implements AsyncIterable<Uint8Array> {
  readonly #maxBytes: number;
  /** Not empty only while no reader waits. */
  readonly #chunks: Uint8Array[] = [];
  #waitingBytes = 0;
  readonly #readers: Reader[] = [];

  constructor(options: { readonly maxBytes?: number } = {}) {
    this.#maxBytes = options.maxBytes ?? 262_144;
  }

  /** Takes printed bytes; the caller gives them away. */
  push(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    const reader = this.#readers.shift();
    if (reader === undefined) this.#keep(bytes);
    else reader({ value: bytes, done: false });
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array, undefined> {
    let pending: Reader | undefined;
    return {
      next: () => {
        const { promise, resolve } = Promise.withResolvers<IteratorResult<Uint8Array, undefined>>();
        pending = resolve;
        this.#read(resolve);
        return promise;
      },
      return: async () => {
        if (pending !== undefined) this.#forget(pending);
        return { value: undefined, done: true };
      },
    };
  }

  #read(reader: Reader): void {
    const bytes = this.#chunks.shift();
    this.#waitingBytes -= bytes?.length ?? 0;
    if (bytes === undefined) this.#readers.push(reader);
    else reader({ value: bytes, done: false });
  }

  #forget(reader: Reader): void {
    const at = this.#readers.indexOf(reader);
    if (at === -1) return;
    this.#readers.splice(at, 1);
    reader({ value: undefined, done: true });
  }

  #keep(bytes: Uint8Array): void {
    const kept = bytes.subarray(Math.max(bytes.length - this.#maxBytes, 0));
    this.#chunks.push(kept);
    this.#waitingBytes += kept.length;
    while (this.#waitingBytes > this.#maxBytes) this.#waitingBytes -= this.#chunks.shift()?.length ?? 0;
  }
}
