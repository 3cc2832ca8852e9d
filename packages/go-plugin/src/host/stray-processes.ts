/**
 * Processes a plugin left behind outside its process group: a child that made a session of its own (setsid,
 * a double fork) is not reached by a signal to the group. What it cannot shed by forking is its environment,
 * and there stands the socket directory, whose random name belongs to one plugin process alone.
 *
 * Told on Linux (proc_pid_environ(5)), of this user's processes; one that clears its environment and executes
 * another program escapes.
 */
import { readdir, readFile } from 'node:fs/promises';
import { basename, isAbsolute } from 'node:path';
import { SOCKET_DIRECTORY_PREFIX } from './socket-directory.ts';

/** A stray may fork while it is looked for, so that one look is not enough. */
const MAX_LOOKS = 5;

/** There may be thousands of processes, and others wait for the file system too. */
const READ_AT_ONCE = 16;

/** Ends every process that has the socket directory in its environment; answers their numbers. Never rejects. */
export async function endStrayProcesses(socketDirectory: string): Promise<readonly number[]> {
  const ended = new Set<number>();
  if (process.platform !== 'linux' || !isSocketDirectory(socketDirectory)) return [];
  for (let look = 0; look < MAX_LOOKS; look += 1) {
    const strays = (await strayProcesses(socketDirectory)).filter((pid) => !ended.has(pid));
    if (strays.length === 0) break;
    for (const pid of strays) {
      kill(pid);
      ended.add(pid);
    }
  }
  return [...ended];
}

async function strayProcesses(socketDirectory: string): Promise<readonly number[]> {
  const pids = (await readdir('/proc').catch(() => [])).map(Number).filter((pid) => pid > 0);
  const strays: number[] = [];
  for (let at = 0; at < pids.length; at += READ_AT_ONCE) {
    const some = pids.slice(at, at + READ_AT_ONCE);
    const areStrays = await Promise.all(some.map((pid) => isStray(pid, socketDirectory)));
    strays.push(...some.filter((pid, index) => areStrays[index] === true && pid !== process.pid));
  }
  return strays;
}

/** `NAME=value` pairs, each ended by a zero byte; the value is the directory or a path below it. */
async function isStray(pid: number, socketDirectory: string): Promise<boolean> {
  const environment = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '');
  const value = `=${Buffer.from(socketDirectory).toString('latin1')}`;
  return environment.includes(`${value}\0`) || environment.includes(`${value}/`);
}

/** Nothing but a directory of ours marks a process, whoever named it. */
function isSocketDirectory(path: string): boolean {
  return isAbsolute(path) && basename(path).startsWith(SOCKET_DIRECTORY_PREFIX);
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Already gone, or another user's.
  }
}
