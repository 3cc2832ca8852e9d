/** Temporary files of message bodies in a directory of the test, with a disk that can be made to fail. */
import { readdirSync } from 'node:fs';
import {
  type BodyFileHandle,
  type BodyFileSystem,
  machineFileSystem,
} from '../../src/message/body-file-system.ts';
import { BodyFiles } from '../../src/message/body-files.ts';
import { MemoryBudget } from '../../src/message/memory-budget.ts';
import { TemporaryDirectory } from './temporary-directory.ts';

/** What fails next, and with which code; everything else works. */
export interface DiskFaults {
  list?: string;
  create?: string;
  writev?: string;
  read?: string;
  close?: string;
  remove?: string;
  /** Most bytes of one write. */
  writeAtMost?: number;
  /** Readers find the file empty. */
  isCut?: boolean;
  /** Reads so far. */
  reads?: number;
}

export class TestStorage {
  readonly directory = new TemporaryDirectory();
  readonly disk: DiskFaults = {};
  /** Codes and sentences of faults reported so far. */
  readonly faults: string[] = [];
  readonly budget: MemoryBudget;
  readonly files: BodyFiles;

  constructor(limitBytes: number) {
    this.budget = new MemoryBudget(limitBytes);
    this.files = new BodyFiles({
      directory: this.directory.file('messages'),
      system: failingSystem(this.disk),
      onFault: ({ code, message }) => this.faults.push(`${code} ${message}`),
    });
  }

  /** Names of the files there are. */
  get names(): readonly string[] {
    return readdirSync(this.directory.file('messages'));
  }

  /** Reads of files so far. */
  get reads(): number {
    return this.disk.reads ?? 0;
  }

  remove(): void {
    this.directory.remove();
  }
}

function failingSystem(disk: DiskFaults): BodyFileSystem {
  return {
    makeDirectory: (path) => machineFileSystem.makeDirectory(path),
    list: (path) => orFail(disk.list, () => machineFileSystem.list(path)),
    create: (path) =>
      orFail(disk.create, async () => failingHandle(await machineFileSystem.create(path), disk)),
    remove: (path) => orFail(disk.remove, () => machineFileSystem.remove(path)),
  };
}

function failingHandle(handle: BodyFileHandle, disk: DiskFaults): BodyFileHandle {
  return {
    writev: (chunks, position) =>
      orFail(disk.writev, () => handle.writev(firstBytes(chunks, disk.writeAtMost), position)),
    read: (...range) => {
      disk.reads = (disk.reads ?? 0) + 1;
      return orFail(disk.read, async () => (disk.isCut === true ? { bytesRead: 0 } : handle.read(...range)));
    },
    close: async () => {
      await handle.close();
      await orFail(disk.close, async () => {});
    },
  };
}

async function orFail<T>(code: string | undefined, work: () => Promise<T>): Promise<T> {
  if (code !== undefined) throw Object.assign(new Error('the disk failed'), { code });
  return work();
}

function firstBytes(chunks: readonly Uint8Array[], atMost = Number.POSITIVE_INFINITY): readonly Uint8Array[] {
  return atMost === Number.POSITIVE_INFINITY ? chunks : [Buffer.concat(chunks).subarray(0, atMost)];
}
