import { mkdir, open, readdir, unlink } from 'node:fs/promises';

/** An open temporary file; `close` waits for what is under way. */
export interface BodyFileHandle {
  /** May write a part only. */
  writev(chunks: readonly Uint8Array[], position: number): Promise<{ readonly bytesWritten: number }>;
  /** 0 bytes = there are no more. */
  read(
    buffer: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ readonly bytesRead: number }>;
  close(): Promise<void>;
}

/** What temporary files need of a file system; a test puts a failing one here. */
export interface BodyFileSystem {
  /** Makes a directory for the owner alone, unless it is there. */
  makeDirectory(path: string): Promise<void>;
  list(path: string): Promise<readonly string[]>;
  /** Makes a file that must be new, for the owner alone. */
  create(path: string): Promise<BodyFileHandle>;
  remove(path: string): Promise<void>;
}

/** That of the machine. */
export const machineFileSystem: BodyFileSystem = {
  makeDirectory: async (path) => void (await mkdir(path, { recursive: true, mode: 0o700 })),
  list: (path) => readdir(path),
  create: (path) => open(path, 'wx+', 0o600),
  remove: (path) => unlink(path),
};
