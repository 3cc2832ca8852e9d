import type { RouterError } from '../errors.ts';
import type { BodyFileHandle } from './body-file-system.ts';
import { readTooLate } from './memory-body.ts';

/** How a file talks to those who keep count of all. */
export interface BodyFileOwner {
  readonly onGrown: (bytes: number) => void;
  /** Reports, and answers the error to throw. `action` is what the file could not be. */
  readonly onFault: (action: string, cause: unknown) => RouterError;
  /** Called once. */
  readonly onReleased: (file: BodyFile) => void;
}

/** One temporary file: written from the front to the back, read anywhere by any number of readers. */
export class BodyFile {
  readonly #handle: BodyFileHandle;
  readonly #owner: BodyFileOwner;
  #sizeBytes = 0;
  #closed: Promise<void> | undefined;

  constructor(handle: BodyFileHandle, owner: BodyFileOwner) {
    this.#handle = handle;
    this.#owner = owner;
  }

  /** Bytes written. */
  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** After `release`: settles when nothing is under way any more. */
  get closed(): Promise<void> | undefined {
    return this.#closed;
  }

  /** Writes pieces at the end; one call at a time. Rejects with `ROUTER_MESSAGE_FILE_FAILED`. */
  async append(chunks: readonly Uint8Array[]): Promise<void> {
    let rest = chunks;
    while (rest.length > 0) {
      const written = await this.#write(rest);
      this.#sizeBytes += written;
      this.#owner.onGrown(written);
      rest = without(rest, written);
    }
  }

  /** A buffer of its own with `length` bytes at most, one at least. Rejects with `ROUTER_MESSAGE_FILE_FAILED`. */
  async read(position: number, length: number): Promise<Uint8Array> {
    if (this.#closed !== undefined) throw readTooLate();
    const buffer = Buffer.allocUnsafeSlow(length);
    const bytesRead = await this.#fill(buffer, position);
    return bytesRead === length ? buffer : buffer.subarray(0, bytesRead);
  }

  /** Closes and removes the file, when what is under way has ended. Idempotent, never throws. */
  release(): void {
    if (this.#closed !== undefined) return;
    this.#closed = this.#handle.close();
    this.#owner.onReleased(this);
  }

  async #write(chunks: readonly Uint8Array[]): Promise<number> {
    try {
      const { bytesWritten } = await this.#handle.writev(chunks, this.#sizeBytes);
      if (bytesWritten === 0) throw new Error('nothing was written');
      return bytesWritten;
    } catch (cause) {
      throw this.#owner.onFault('written', cause);
    }
  }

  /** A file that ends too early was cut by somebody: that must not look like a shorter message. */
  async #fill(buffer: Uint8Array, position: number): Promise<number> {
    try {
      const { bytesRead } = await this.#handle.read(buffer, 0, buffer.length, position);
      if (bytesRead === 0) throw new Error('the file ends too early');
      return bytesRead;
    } catch (cause) {
      throw this.#owner.onFault('read', cause);
    }
  }
}

/** The pieces behind the first `bytes`. */
function without(chunks: readonly Uint8Array[], bytes: number): readonly Uint8Array[] {
  let skipped = bytes;
  for (const [index, chunk] of chunks.entries()) {
    if (skipped < chunk.length) return [chunk.subarray(skipped), ...chunks.slice(index + 1)];
    skipped -= chunk.length;
  }
  return [];
}
