/** Checksums of files: which state of a plugin is running. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { type Clock, systemClock } from '../clock.ts';

/** Read at once; a Go program of 10 MB is hashed in about 10 ms, in slices of that many bytes. */
const SLICE_BYTES = 256 * 1024;

/**
 * A file changed that recently may change again without looking changed: the time of change advances in
 * steps, on some file systems of a second or two.
 */
const RECENT_MS = 3_000;

/** SHA-256 of a file, hexadecimal. Rejects with the system's error. */
export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const slice of createReadStream(path, { highWaterMark: SLICE_BYTES })) hash.update(slice);
  return hash.digest('hex');
}

interface KnownDigest {
  readonly identity: string;
  readonly sha256: string;
}

/**
 * Checksums of files that are asked for again and again: one that stands as it stood is not read anew, so
 * that a plugin that dies over and over does not cost its size each time.
 */
export class FileDigests {
  readonly #clock: Pick<Clock, 'wallTime'>;
  readonly #known = new Map<string, KnownDigest>();

  constructor(clock: Pick<Clock, 'wallTime'> = systemClock) {
    this.#clock = clock;
  }

  /** SHA-256 of a file, hexadecimal. Rejects with the system's error. */
  async ofFile(path: string): Promise<string> {
    const before = await this.#stateOf(path);
    const known = this.#known.get(path);
    if (known?.identity === before.identity) return known.sha256;
    const sha256 = await sha256OfFile(path);
    const { identity, isRecent } = await this.#stateOf(path);
    if (!isRecent && identity === before.identity) this.#known.set(path, { identity, sha256 });
    else this.#known.delete(path);
    return sha256;
  }

  /**
   * One checksum for several files: that of the file when there is one, otherwise SHA-256 over a line
   * `checksum  path` for each in order. Undefined when there is none, or one cannot be read.
   */
  async ofFiles(paths: readonly string[]): Promise<string | undefined> {
    const [first] = paths;
    if (first === undefined) return undefined;
    try {
      if (paths.length === 1) return await this.ofFile(first);
      const hash = createHash('sha256');
      for (const path of paths) hash.update(`${await this.ofFile(path)}  ${path}\n`);
      return hash.digest('hex');
    } catch {
      return undefined;
    }
  }

  /** The identity differs whenever the file was written or exchanged. */
  async #stateOf(path: string): Promise<{ readonly identity: string; readonly isRecent: boolean }> {
    const { dev, ino, size, mtimeNs, ctimeNs, ctimeMs } = await stat(path, { bigint: true });
    const isRecent = this.#clock.wallTime() - Number(ctimeMs) < RECENT_MS;
    return { identity: `${dev} ${ino} ${size} ${mtimeNs} ${ctimeNs}`, isRecent };
  }
}
