import { randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, statfs, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { MessageBody } from '../../message/message-body.ts';

const ENDING = '.eml';
/** What a reader has in memory at a time; the first piece holds the header section. */
const BLOCK_BYTES = 65_536;

/** The files of large bodies. A file is on stable storage before its record is, and outlives it. */
export class SpoolFiles {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  async prepare(): Promise<void> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
  }

  /** Removes what no record names: it was written by a router that did not live to commit, or to remove it. */
  async sweep(known: ReadonlySet<string>): Promise<void> {
    for (const name of await readdir(this.#directory)) {
      if (name.endsWith(ENDING) && !known.has(name)) await this.remove(name);
    }
  }

  /** Writes and syncs file and directory; answers the name. On a fault nothing is left. */
  async write(body: MessageBody): Promise<string> {
    const name = `${randomUUID()}${ENDING}`;
    try {
      await this.#writeSynced(join(this.#directory, name), body);
      await this.#syncDirectory();
      return name;
    } catch (error) {
      await this.remove(name);
      throw error;
    }
  }

  /** Never rejects: what stays is swept at the next start. */
  async remove(name: string): Promise<void> {
    await unlink(join(this.#directory, name)).catch(() => {});
  }

  /** The first block; rejects when there is no such file. */
  async first(name: string): Promise<Uint8Array> {
    const file = await open(join(this.#directory, name), 'r');
    try {
      const { buffer, bytesRead } = await file.read(Buffer.allocUnsafeSlow(BLOCK_BYTES), 0, BLOCK_BYTES, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  }

  /** All of it, which must be `sizeBytes`. */
  async *read(name: string, sizeBytes: number): AsyncGenerator<Uint8Array> {
    const file = await open(join(this.#directory, name), 'r');
    try {
      let position = 0;
      while (position < sizeBytes) {
        const block = Buffer.allocUnsafeSlow(Math.min(BLOCK_BYTES, sizeBytes - position));
        const { bytesRead } = await file.read(block, 0, block.length, position);
        if (bytesRead === 0) throw new Error('a file of the spool ends too early');
        position += bytesRead;
        yield block.subarray(0, bytesRead);
      }
    } finally {
      await file.close();
    }
  }

  /** Bytes that may still be written here. */
  async free(): Promise<number> {
    const { bavail, bsize } = await statfs(this.#directory);
    return bavail * bsize;
  }

  async #writeSynced(path: string, body: MessageBody): Promise<void> {
    const file = await open(path, 'wx', 0o600);
    try {
      for await (const piece of body.read()) await writeWhole(file, piece);
      await file.datasync();
    } finally {
      await file.close();
    }
  }

  async #syncDirectory(): Promise<void> {
    // Windows knows no handle of a directory; its file systems keep names by themselves.
    if (process.platform === 'win32') return;
    const directory = await open(this.#directory, 'r');
    try {
      await directory.sync();
    } finally {
      await directory.close();
    }
  }
}

async function writeWhole(file: FileHandle, piece: Uint8Array): Promise<void> {
  let rest = piece;
  while (rest.length > 0) {
    const { bytesWritten } = await file.write(rest);
    if (bytesWritten === 0) throw new Error('nothing was written');
    rest = rest.subarray(bytesWritten);
  }
}
