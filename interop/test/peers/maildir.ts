/**
 * The files a mail server has delivered into a maildir.
 */
import { readdir, readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';

/** Content of every file in `new/`, each of which is removed; nothing when the folder does not exist yet. */
export async function takeMaildir(folder: string): Promise<readonly Buffer[]> {
  const files = await readdir(join(folder, 'new')).catch(() => []);
  return Promise.all(
    files.map(async (file) => {
      const path = join(folder, 'new', file);
      const content = await readFile(path);
      await unlink(path);
      return content;
    }),
  );
}
