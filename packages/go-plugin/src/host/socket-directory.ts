/**
 * The private directory a plugin makes its socket in: nobody but this user can enter it, and it goes
 * away with the plugin, so that sockets of killed plugins leave no litter.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { PluginError } from '../errors.ts';
import { isPrintableInLine } from '../handshake/format-handshake-line.ts';
import { maxSocketPathBytes } from '../handshake/socket-path.ts';

/** First characters of the directory's name; a cleaner may rely on them. */
export const SOCKET_DIRECTORY_PREFIX = 'gp-';

/** Longest name a Go plugin gives its socket: "plugin" and a 32-bit random number (os.CreateTemp). */
const SOCKET_NAME_BYTES = 'plugin'.length + 10;

/** What mkdtemp appends to the prefix. */
const RANDOM_SUFFIX_BYTES = 6;

/**
 * Makes the directory below `root` with mode 0700. The caller removes it.
 *
 * @throws PluginError `PLUGIN_SOCKET_PATH_TOO_LONG` before anything is made, because a Go plugin given
 *   such a directory ends silently with status 0; `PLUGIN_SOCKET_DIRECTORY_FAILED`
 */
export async function makeSocketDirectory(root: string, platform: NodeJS.Platform): Promise<string> {
  checkRoot(root, platform);
  try {
    return await mkdtemp(join(root, SOCKET_DIRECTORY_PREFIX));
  } catch (cause) {
    throw new PluginError(
      'PLUGIN_SOCKET_DIRECTORY_FAILED',
      `No private directory for plugin sockets could be made in ${root}: ${describe(cause)}.`,
      { cause },
    );
  }
}

/** Removes the directory with all it holds; what cannot be removed is left behind. */
export async function removeSocketDirectory(directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true, maxRetries: 2 }).catch(() => undefined);
}

function checkRoot(root: string, platform: NodeJS.Platform): void {
  const prefix = join(root, SOCKET_DIRECTORY_PREFIX);
  const pathBytes = Buffer.byteLength(prefix) + RANDOM_SUFFIX_BYTES + 1 + SOCKET_NAME_BYTES;
  const limit = maxSocketPathBytes(platform);
  if (platform !== 'win32' && pathBytes > limit) {
    throw new PluginError(
      'PLUGIN_SOCKET_PATH_TOO_LONG',
      `A plugin socket below ${root} would have a path of ${pathBytes} bytes, the system allows ${limit}; choose a shorter temporary directory.`,
    );
  }
  if (!isPrintableInLine(prefix)) {
    throw new PluginError(
      'PLUGIN_SOCKET_DIRECTORY_FAILED',
      `The directory ${JSON.stringify(root)} cannot hold plugin sockets: its name has a "|" or a line end.`,
    );
  }
}

function describe(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
