import { readdir, readFile, readlink, realpath } from 'node:fs/promises';

/**
 * Whether some process has the file open for writing. Told on Linux, as far as the processes are this
 * user's own (proc_pid_fd(5), proc_pid_fdinfo(5)); false where it cannot be told. Never rejects.
 */
export async function isOpenForWriting(path: string): Promise<boolean> {
  if (process.platform !== 'linux') return false;
  const file = await realpath(path).catch(() => undefined);
  if (file === undefined) return false;
  for (const pid of await list('/proc')) {
    if (/^[0-9]+$/.test(pid) && (await isWriter(pid, file))) return true;
  }
  return false;
}

async function isWriter(pid: string, file: string): Promise<boolean> {
  for (const descriptor of await list(`/proc/${pid}/fd`)) {
    const target = await readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => '');
    if (target === file && (await isWritable(pid, descriptor))) return true;
  }
  return false;
}

/** `flags:	0100001` in octal: the lowest two bits are O_WRONLY or O_RDWR. */
async function isWritable(pid: string, descriptor: string): Promise<boolean> {
  const information = await readFile(`/proc/${pid}/fdinfo/${descriptor}`, 'latin1').catch(() => '');
  const flags = /^flags:\s*([0-7]+)/m.exec(information)?.[1] ?? '0';
  return (Number.parseInt(flags, 8) & 3) !== 0;
}

async function list(directory: string): Promise<readonly string[]> {
  return readdir(directory).catch(() => []);
}
