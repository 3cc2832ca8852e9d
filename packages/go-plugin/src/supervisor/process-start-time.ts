/**
 * When a process was started, as an opaque text: together with its number it names a process for ever,
 * while the number alone soon names another.
 */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/** The start of a living process; undefined when there is none of that number, or it is a zombie, or the platform does not tell. */
export async function processStartTime(pid: number): Promise<string | undefined> {
  switch (process.platform) {
    case 'linux':
      return startTimeOnLinux(pid);
    case 'win32':
      return undefined;
    default:
      return startTimeByPs(pid);
  }
}

/** Clock ticks since boot, qualified by the boot. */
async function startTimeOnLinux(pid: number): Promise<string | undefined> {
  try {
    const [stat, bootId] = await Promise.all([
      readFile(`/proc/${pid}/stat`, 'utf8'),
      readFile('/proc/sys/kernel/random/boot_id', 'utf8'),
    ]);
    const ticks = parseStartTicks(stat);
    return ticks === undefined ? undefined : `${bootId.trim()}:${ticks}`;
  } catch {
    return undefined;
  }
}

/** `pid (name) state … starttime …`: the name may hold anything, the 22nd field is the start (proc_pid_stat(5)). */
export function parseStartTicks(stat: string): string | undefined {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state] = fields;
  return state === 'Z' || state === 'X' ? undefined : fields[19];
}

async function startTimeByPs(pid: number): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)('ps', ['-o', 'lstart=', '-p', String(pid)], {
      env: { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' },
      timeout: 2000,
    });
    return stdout.trim() === '' ? undefined : stdout.trim();
  } catch {
    return undefined;
  }
}
