/**
 * Looks after password files while the router runs, so that a password can be changed without a
 * restart. It asks for the files' state instead of being told: a mounted secret is exchanged by a
 * symbolic link several directories up, of which no watcher of the file hears.
 *
 * A changed file is read when it has stood still from one look to the next, so that half a write is
 * not taken for a password. What cannot be used is told once for each change; the last good password
 * stays.
 */
import { stat } from 'node:fs/promises';
import type { CancelTimer, Clock } from '../clock.ts';
import { readSecretFile, type SecretFileResult } from './secret-file.ts';

/** A change is taken up within twice that. */
export const SECRET_LOOK_MS = 1_000;

export interface SecretWatchOptions {
  /** Absolute paths with the secrets read from them before. */
  readonly files: ReadonlyMap<string, string>;
  readonly clock: Clock;
  /** Another secret than before, or one that cannot be used. */
  readonly onChange: (file: string, result: SecretFileResult) => void;
}

/** One file, as it was last seen. */
interface WatchedFile {
  readonly file: string;
  secret: string;
  /** Undefined before the first look. */
  seen: string | undefined;
  /** State it was last read in. */
  read: string | undefined;
}

export class SecretWatch {
  readonly #options: SecretWatchOptions;
  readonly #files: readonly WatchedFile[];
  #cancelTimer: CancelTimer = () => {};
  #isClosed: boolean = false;

  constructor(options: SecretWatchOptions) {
    this.#options = options;
    this.#files = [...options.files].map(([file, secret]) => ({
      file,
      secret,
      seen: undefined,
      read: undefined,
    }));
  }

  /** Begins to look; nothing to do without files. */
  open(): void {
    if (this.#files.length > 0) this.#schedule();
  }

  /** Looks no more. Idempotent. */
  close(): void {
    this.#isClosed = true;
    this.#cancelTimer();
  }

  /** One look at every file. Never rejects. */
  async look(): Promise<void> {
    for (const watched of this.#files) {
      const state = await stateOf(watched.file);
      const isStill = state === watched.seen;
      watched.seen = state;
      if (isStill && state !== watched.read) await this.#read(watched, state);
    }
  }

  async #read(watched: WatchedFile, state: string): Promise<void> {
    watched.read = state;
    const result = await readSecretFile(watched.file);
    if (this.#isClosed || (result.kind === 'ok' && result.secret === watched.secret)) return;
    if (result.kind === 'ok') watched.secret = result.secret;
    this.#options.onChange(watched.file, result);
  }

  #schedule(): void {
    if (this.#isClosed) return;
    this.#cancelTimer = this.#options.clock.schedule(SECRET_LOOK_MS, () => {
      void this.look().then(() => this.#schedule());
    });
  }
}

/** Differs whenever the file was written, exchanged, removed or closed to us. */
async function stateOf(file: string): Promise<string> {
  try {
    const { ino, size, mtimeMs, ctimeMs } = await stat(file);
    return `${ino} ${size} ${mtimeMs} ${ctimeMs}`;
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
  }
}
