/** The file of running plugin processes: JSON, replaced as a whole, read with distrust. */
import { readFile, rename, writeFile } from 'node:fs/promises';

/** A process as the file knows it. */
export interface RegistryEntry {
  readonly pid: number;
  /** See `processStartTime`; empty when the platform does not tell. */
  readonly startTime: string;
  readonly socketDirectory: string;
}

/** The entries; none when there is no file. Rejects when it cannot be read or is damaged. */
export async function readRegistry(path: string): Promise<readonly RegistryEntry[]> {
  try {
    return parseRegistry(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}

/** Replaces the file by renaming a finished one: a crash leaves the old or the new one, never a part. */
export async function writeRegistry(path: string, entries: readonly RegistryEntry[]): Promise<void> {
  const finished = `${path}.new`;
  await writeFile(finished, `${JSON.stringify({ processes: entries })}\n`, { mode: 0o600 });
  await rename(finished, path);
}

function parseRegistry(value: unknown): readonly RegistryEntry[] {
  const processes = property(value, 'processes');
  if (!Array.isArray(processes)) throw new Error('it has no list of processes');
  return processes.map(parseEntry);
}

function parseEntry(value: unknown): RegistryEntry {
  const pid = property(value, 'pid');
  const startTime = property(value, 'startTime');
  const socketDirectory = property(value, 'socketDirectory');
  const isProcess = typeof pid === 'number' && Number.isSafeInteger(pid) && pid > 1;
  if (!isProcess || typeof startTime !== 'string' || typeof socketDirectory !== 'string') {
    throw new Error('an entry is not a process');
  }
  return { pid, startTime, socketDirectory };
}

function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? Object.entries(value).find(([key]) => key === name)?.[1]
    : undefined;
}
