/**
 * `state_dir`: made 0700 and locked, so that two routers never share sockets and records. The lock is a
 * file made by an exclusive open that names its process; it holds while that very process lives or
 * something listens on the control socket. A lock left by a crash is taken over.
 */
import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { z } from 'zod';
import { RouterError } from '../errors.ts';

/** What a lock says about its holder. */
interface LockHolder {
  readonly pid: number;
  /** Start of the process in clock ticks since boot, from /proc; '' where there is none. */
  readonly startTicks: string;
}

const holderSchema = z.object({ pid: z.int().min(1), startTicks: z.string() });

/** Longest wait for an answer of the control socket. */
const PROBE_MS = 1000;

/** A directory held by this process until `release`. */
export class StateDirectory {
  readonly path: string;
  readonly #lockFile: string;
  readonly #own: string;

  private constructor(path: string, lockFile: string, own: string) {
    this.path = path;
    this.#lockFile = lockFile;
    this.#own = own;
  }

  /** Where a running router answers commands. */
  get controlSocket(): string {
    return join(this.path, 'control.sock');
  }

  /** Makes and locks the directory. Rejects with `ROUTER_STATE_DIR_UNUSABLE` or `ROUTER_ALREADY_RUNNING`. */
  static async hold(path: string): Promise<StateDirectory> {
    const lockFile = join(path, 'router.lock');
    const own = `${JSON.stringify({ pid: process.pid, startTicks: startTicksOf('self'), key: randomUUID() })}\n`;
    makeDirectory(path);
    // Another start may take a stale lock over between two of our steps: then look again.
    for (let round = 0; round < 5; round += 1) {
      if (writeExclusively(lockFile, own)) return new StateDirectory(path, lockFile, own);
      const found = readLock(lockFile);
      if (found === undefined) continue;
      const holder = parseHolder(found);
      if (await isHeld(path, holder)) throw alreadyRunning(path, holder);
      removeStale(lockFile, found);
    }
    throw alreadyRunning(path, undefined);
  }

  /** Gives the lock back, unless somebody took it over. Idempotent, never throws. */
  release(): void {
    if (readLock(this.#lockFile) === this.#own) rmSync(this.#lockFile, { force: true });
  }
}

function makeDirectory(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw unusable(path, error);
  }
}

/** False when there is a lock already. */
function writeExclusively(file: string, text: string): boolean {
  try {
    writeFileSync(file, text, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw unusable(file, error);
  }
}

function readLock(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw unusable(file, error);
  }
}

function parseHolder(text: string): LockHolder | undefined {
  try {
    return holderSchema.parse(JSON.parse(text));
  } catch {
    return undefined; // Cut off by a crash or a full disk.
  }
}

async function isHeld(path: string, holder: LockHolder | undefined): Promise<boolean> {
  if (holder !== undefined && isSameProcessAlive(holder)) return true;
  return isAnswering(join(path, 'control.sock'));
}

function isSameProcessAlive({ pid, startTicks }: LockHolder): boolean {
  // Our own number in a lock we do not hold: an earlier life, as with process 1 of a container.
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (codeOf(error) !== 'EPERM') return false;
  }
  const now = startTicksOf(String(pid));
  return startTicks === '' || now === '' || now === startTicks;
}

/** Field 22 of /proc/PID/stat; the second field may hold spaces and ends with the last parenthesis. */
function startTicksOf(pid: string): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

function isAnswering(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ path: socketPath });
    const end = (isOpen: boolean) => {
      socket.destroy();
      resolve(isOpen);
    };
    socket.setTimeout(PROBE_MS, () => end(true));
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
  });
}

/** Moves the lock aside first: whoever moves it has it, and can see whether it is the one it looked at. */
function removeStale(lockFile: string, expected: string): void {
  const aside = `${lockFile}.${randomUUID()}`;
  try {
    renameSync(lockFile, aside);
    const moved = readLock(aside);
    if (moved !== expected && moved !== undefined) writeExclusively(lockFile, moved);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw unusable(lockFile, error);
  } finally {
    rmSync(aside, { force: true });
  }
}

function alreadyRunning(path: string, holder: LockHolder | undefined): RouterError {
  const who = holder === undefined ? 'Another router' : `Another router (process ${holder.pid})`;
  const message = `${who} uses ${path}.`;
  return new RouterError('ROUTER_ALREADY_RUNNING', message);
}

function unusable(path: string, cause: unknown): RouterError {
  const message = `${path} cannot be used as state_dir (${codeOf(cause)}).`;
  return new RouterError('ROUTER_STATE_DIR_UNUSABLE', message, { cause });
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
}
