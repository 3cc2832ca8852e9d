/**
 * Notices that the files of a plugin were replaced, in whichever way: renamed over, copied over, reached
 * by another symbolic link. It asks for their state instead of being told: watchers of the system do not
 * hear of a link exchanged several directories up, or of a file on a network.
 *
 * A change is taken up when the files stand still from one look to the next and nobody has them open for
 * writing: half a file is no plugin. A file that is missing is on its way, and waited for.
 */
import type { BigIntStats } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { CancelTimer, Clock } from '../clock.ts';
import { isOpenForWriting } from './open-for-writing.ts';

/** A change is taken up within twice that. */
export const FILE_LOOK_MS = 1_000;

export interface FileWatchOptions {
  /** Absolute paths. */
  readonly files: readonly string[];
  /**
   * The files changed and stand still. Answers false to be told again at the next look although nothing
   * changed since: the change could not be taken up yet. Must not reject.
   */
  onChange(): Promise<boolean>;
  readonly clock: Clock;
  /** Default: see `isOpenForWriting`. */
  readonly isOpen?: (file: string) => Promise<boolean>;
}

export class FileWatch {
  readonly #options: FileWatchOptions;
  /** As of the last look. */
  #seen: string | undefined;
  /** Of the change taken up last, or of the first look. */
  #taken: string | undefined;
  #cancelTimer: CancelTimer = () => undefined;
  #isClosed: boolean = false;

  constructor(options: FileWatchOptions) {
    this.#options = options;
  }

  /** Notes the files as they are, and begins to look; nothing to do without files. Never rejects. */
  async open(): Promise<void> {
    if (this.#options.files.length === 0) return;
    this.#taken = await this.#state();
    this.#seen = this.#taken;
    this.#schedule();
  }

  /** Looks no more. Idempotent. */
  close(): void {
    this.#isClosed = true;
    this.#cancelTimer();
  }

  /** One look; settles when a change that was found has been taken up. Never rejects. */
  async look(): Promise<void> {
    const state = await this.#state();
    const isStill = state !== undefined && state === this.#seen;
    this.#seen = state;
    if (!isStill || state === this.#taken || (await this.#isBeingWritten()) || this.#isClosed) return;
    const isTaken = await this.#options.onChange();
    if (isTaken) this.#taken = state;
  }

  #schedule(): void {
    if (this.#isClosed) return;
    this.#cancelTimer = this.#options.clock.schedule(FILE_LOOK_MS, () => {
      void this.look().then(() => this.#schedule());
    });
  }

  /** Differs whenever a file was written or exchanged; undefined while one cannot be seen. */
  async #state(): Promise<string | undefined> {
    try {
      const states = await Promise.all(this.#options.files.map((file) => stat(file, { bigint: true })));
      return states.map(stateText).join('\n');
    } catch {
      return undefined;
    }
  }

  async #isBeingWritten(): Promise<boolean> {
    const { files, isOpen = isOpenForWriting } = this.#options;
    for (const file of files) if (await isOpen(file)) return true;
    return false;
  }
}

/** The time of change too: a file may be put in place first and made executable then. */
function stateText({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return `${dev} ${ino} ${size} ${mtimeNs} ${ctimeNs}`;
}
