/** Letting a group connect to the plugin's socket, when the host runs as another user (go-plugin server.go, setGroupWritable). */
import { chmod, chown, readFile } from 'node:fs/promises';

/** Gives the socket to the group, by number or name, with mode 0660. Rejects when the group is unknown or not ours to give. */
export async function shareWithGroup(path: string, group: string): Promise<void> {
  await chown(path, -1, await groupId(group));
  await chmod(path, 0o660);
}

async function groupId(group: string): Promise<number> {
  if (/^\d+$/.test(group)) return Number(group);
  const id = findGroup(await readFile('/etc/group', 'utf8'), group);
  if (id === undefined) throw new Error(`there is no group ${group}`);
  return id;
}

/** `name:password:id:members` a line. */
export function findGroup(groups: string, name: string): number | undefined {
  for (const line of groups.split('\n')) {
    const [entry, , id] = line.split(':');
    if (entry === name && id !== undefined && /^\d+$/.test(id)) return Number(id);
  }
  return undefined;
}
