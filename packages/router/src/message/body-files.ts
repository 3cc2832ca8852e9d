import { join } from 'node:path';
import { RouterError } from '../errors.ts';
import { BodyFile } from './body-file.ts';
import { type BodyFileHandle, type BodyFileSystem, machineFileSystem } from './body-file-system.ts';

const ENDING = '.body';

/** Where temporary files lie, and who hears of faults. */
export interface BodyFilesOptions {
  /** A directory of their own, below `state_dir`. */
  readonly directory: string;
  /** Called with `ROUTER_MESSAGE_FILE_FAILED` for every file that could not be made, written or removed. */
  readonly onFault: (error: RouterError) => void;
  readonly system?: BodyFileSystem;
}

/**
 * The temporary files of large messages. They are no durable storage: nothing is synced, and what an
 * earlier run left behind is swept away.
 */
export class BodyFiles {
  readonly #options: BodyFilesOptions;
  readonly #system: BodyFileSystem;
  readonly #removing = new Set<Promise<void>>();
  #created = 0;
  #open = 0;
  #storedBytes = 0;

  constructor(options: BodyFilesOptions) {
    this.#options = options;
    this.#system = options.system ?? machineFileSystem;
  }

  /** Files made since the start. */
  get created(): number {
    return this.#created;
  }

  /** Files there are now. */
  get open(): number {
    return this.#open;
  }

  /** Bytes in them. */
  get storedBytes(): number {
    return this.#storedBytes;
  }

  /** Makes the directory and removes leftovers. Rejects with `ROUTER_STATE_DIR_UNUSABLE`. */
  async sweep(): Promise<void> {
    const { directory } = this.#options;
    try {
      await this.#system.makeDirectory(directory);
      for (const name of await this.#system.list(directory)) {
        if (name.endsWith(ENDING)) await this.#system.remove(join(directory, name));
      }
    } catch (cause) {
      const message = `${directory} cannot be used for temporary files (${reasonOf(cause)}).`;
      throw new RouterError('ROUTER_STATE_DIR_UNUSABLE', message, { cause });
    }
  }

  /** A new file; whoever asked releases it. Rejects with `ROUTER_MESSAGE_FILE_FAILED`. */
  async create(): Promise<BodyFile> {
    this.#created += 1;
    const path = join(this.#options.directory, `${this.#created}${ENDING}`);
    try {
      const handle = await this.#make(path);
      this.#open += 1;
      return new BodyFile(handle, {
        onGrown: (bytes) => {
          this.#storedBytes += bytes;
        },
        onFault: (action, cause) => this.#fault(action, cause),
        onReleased: (file) => this.#remove(file, path),
      });
    } catch (cause) {
      throw this.#fault('made', cause);
    }
  }

  /** Settles when every file released so far is closed and removed. Never rejects. */
  async settled(): Promise<void> {
    await Promise.all(this.#removing);
  }

  /** Somebody who tidies up may have taken the directory away. */
  async #make(path: string): Promise<BodyFileHandle> {
    try {
      return await this.#system.create(path);
    } catch (error) {
      if (reasonOf(error) !== 'ENOENT') throw error;
      await this.#system.makeDirectory(this.#options.directory);
      return this.#system.create(path);
    }
  }

  #remove(file: BodyFile, path: string): void {
    const removing = this.#removeNow(file, path).finally(() => this.#removing.delete(removing));
    this.#removing.add(removing);
  }

  async #removeNow(file: BodyFile, path: string): Promise<void> {
    const results = await Promise.allSettled([file.closed, this.#system.remove(path)]);
    this.#open -= 1;
    this.#storedBytes -= file.sizeBytes;
    for (const result of results) if (result.status === 'rejected') this.#fault('removed', result.reason);
  }

  #fault(action: string, cause: unknown): RouterError {
    const message = `A temporary file of a message could not be ${action} (${reasonOf(cause)}).`;
    const error = new RouterError('ROUTER_MESSAGE_FILE_FAILED', message, { cause });
    this.#options.onFault(error);
    return error;
  }
}

/** `ENOSPC` rather than a sentence with a path in it. */
function reasonOf(cause: unknown): string {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown reason';
}
