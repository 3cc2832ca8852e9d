/**
 * Plugins that outlived their host. A Go plugin does not notice that its host was killed, so every
 * process is written down while it runs, and the next start ends whatever is still there. A process is
 * killed only when its number and its start time are those written down: numbers are used again.
 */
import { lstat, rm } from 'node:fs/promises';
import { basename } from 'node:path';
import { type Clock, systemClock } from '../clock.ts';
import { PluginError } from '../errors.ts';
import type { PluginProcessRecord } from '../host/plugin-launch-options.ts';
import { SOCKET_DIRECTORY_PREFIX } from '../host/socket-directory.ts';
import { endStrayProcesses } from '../host/stray-processes.ts';
import type { ProcessRegistry } from './process-registry.ts';
import { processStartTime } from './process-start-time.ts';
import { type RegistryEntry, readRegistry, writeRegistry } from './registry-file.ts';

/** How long a killed process may take to be gone. */
const GONE_MS = 2000;
const GONE_POLL_MS = 10;

export interface OrphanRegistryOptions {
  /** The file; its directory exists and belongs to one host at a time. */
  readonly path: string;
  /** Told of a file that cannot be read or written (`PLUGIN_REGISTRY_FAILED`); plugins run all the same. */
  onError(error: PluginError): void;
  readonly clock?: Clock;
}

export class OrphanRegistry implements ProcessRegistry {
  readonly #path: string;
  readonly #onError: (error: PluginError) => void;
  readonly #clock: Clock;
  readonly #entries = new Map<number, RegistryEntry>();
  /** The writes so far, one after the other. */
  #written: Promise<void> = Promise.resolve();

  constructor(options: OrphanRegistryOptions) {
    this.#path = options.path;
    this.#onError = (error) => options.onError(error);
    this.#clock = options.clock ?? systemClock;
  }

  /**
   * Ends the processes an earlier host left behind, with what these left behind themselves, and removes
   * their socket directories; answers the numbers of those killed. To be called once, before the first `add`. Never rejects.
   */
  async reap(): Promise<readonly number[]> {
    const killed: number[] = [];
    for (const entry of await this.#read()) {
      if (await this.#kill(entry)) killed.push(entry.pid);
      killed.push(...(await endStrayProcesses(entry.socketDirectory)));
      await removeLeftDirectory(entry.socketDirectory);
    }
    await this.#write();
    return killed;
  }

  async add(record: PluginProcessRecord): Promise<void> {
    const { pid, socketDirectory } = record;
    const startTime = (await processStartTime(pid)) ?? '';
    this.#entries.set(pid, { pid, startTime, socketDirectory });
    await this.#write();
  }

  async remove(pid: number): Promise<void> {
    if (this.#entries.delete(pid)) await this.#write();
  }

  async #read(): Promise<readonly RegistryEntry[]> {
    try {
      return await readRegistry(this.#path);
    } catch (cause) {
      this.#complain('read', cause);
      return [];
    }
  }

  /** Writes the entries as they are when its turn comes. */
  #write(): Promise<void> {
    this.#written = this.#written
      .then(() => writeRegistry(this.#path, [...this.#entries.values()]))
      .catch((cause: unknown) => this.#complain('written', cause));
    return this.#written;
  }

  /** Kills the process and its group when it is the one written down; answers whether it was. */
  async #kill(entry: RegistryEntry): Promise<boolean> {
    if (!(await isSameProcess(entry))) return false;
    signal(-entry.pid);
    signal(entry.pid);
    const end = this.#clock.now() + GONE_MS;
    while (this.#clock.now() < end && (await isSameProcess(entry))) await this.#pause();
    return true;
  }

  #pause(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#clock.schedule(GONE_POLL_MS, resolve);
    return promise;
  }

  #complain(what: string, cause: unknown): void {
    const reason = cause instanceof Error ? cause.message : String(cause);
    this.#onError(
      new PluginError(
        'PLUGIN_REGISTRY_FAILED',
        `The list of plugin processes ${this.#path} could not be ${what}: ${reason}.`,
        {
          cause,
        },
      ),
    );
  }
}

async function isSameProcess(entry: RegistryEntry): Promise<boolean> {
  return entry.startTime !== '' && (await processStartTime(entry.pid)) === entry.startTime;
}

function signal(target: number): void {
  try {
    process.kill(target, 'SIGKILL');
  } catch {
    // Already gone.
  }
}

/** Removes a socket directory of ours, and nothing else whatever the file says. */
async function removeLeftDirectory(directory: string): Promise<void> {
  if (!basename(directory).startsWith(SOCKET_DIRECTORY_PREFIX)) return;
  const entry = await lstat(directory).catch(() => undefined);
  if (entry?.isDirectory() === true && entry.uid === (process.getuid?.() ?? entry.uid)) {
    await rm(directory, { recursive: true, force: true }).catch(() => undefined);
  }
}
