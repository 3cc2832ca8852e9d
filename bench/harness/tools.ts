import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Says that a program is not on PATH, or undefined when it is. */
export function missingTool(name: string): string | undefined {
  return findTool(name) === undefined ? `${name} is not installed` : undefined;
}

/** Absolute path of a program; Debian keeps daemons in sbin, outside a user's PATH. */
export function findTool(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
