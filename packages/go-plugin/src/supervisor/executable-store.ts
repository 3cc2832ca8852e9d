/**
 * Private copies of plugins. What runs is a copy that nobody writes to: the file of a plugin may be
 * replaced in any way while processes of it run, its checksum is that of the very bytes executed, and a
 * restart starts what ran before, not what somebody is just building.
 *
 * Native programs are copied. A script is not: it may look for its neighbours, and its interpreter would
 * have to be told. Where copies may not be executed (a volume mounted noexec), or none can be made, the
 * original is run, with a warning.
 */
import { constants } from 'node:fs';
import { access, chmod, copyFile, mkdir, mkdtemp, open, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { PluginError } from '../errors.ts';
import { isNativeProgram } from '../host/runner/describe-executable.ts';
import type { Executable } from './executable.ts';
import { FileDigests, sha256OfFile } from './file-digest.ts';

/** Enough to recognise a program by. */
const HEAD_BYTES = 128;

export class ExecutableStore {
  readonly #directory: string;
  readonly #digests = new FileDigests();

  /** @param directory made when needed, with mode 0700; belongs to this store alone */
  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Removes the copies an earlier host left behind, whose processes are known to be gone. Never rejects. */
  async sweep(): Promise<void> {
    await rm(this.#directory, { recursive: true, force: true }).catch(() => undefined);
  }

  /**
   * A copy of the program as it is now, or the original when it is a script.
   *
   * @throws PluginError `PLUGIN_FILE_NOT_FOUND`; `PLUGIN_FILE_NOT_EXECUTABLE`, which a copy would hide;
   *   `PLUGIN_FILE_BUSY` when it changed while it was copied
   */
  async prepare(path: string): Promise<Executable> {
    const isNative = await hasNativeHead(path);
    if (isNative === false) return this.prepareFiles([path]);
    await checkExecutable(path);
    return this.#copy(path);
  }

  async #copy(path: string): Promise<Executable> {
    let directory: string | undefined;
    try {
      await mkdir(this.#directory, { recursive: true, mode: 0o700 });
      directory = await mkdtemp(join(this.#directory, 'p-'));
      const copy = join(directory, basename(path));
      await copyUnchanged(path, copy);
      await access(copy, constants.X_OK);
      const place = directory;
      return { copy, sha256: await sha256OfFile(copy), dispose: () => removeTree(place) };
    } catch (error) {
      if (directory !== undefined) await removeTree(directory);
      if (error instanceof PluginError) throw error;
      return this.#original(path, error);
    }
  }

  /** The files themselves, known by their checksum as far as they can be read. */
  async prepareFiles(paths: readonly string[]): Promise<Executable> {
    const sha256 = await this.#digests.ofFiles(paths);
    return { ...(sha256 !== undefined && { sha256 }), dispose: () => Promise.resolve() };
  }

  async #original(path: string, cause: unknown): Promise<Executable> {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const message = `No private copy of ${path} can be run (${reason}); the file itself is run.`;
    const warning = new PluginError('PLUGIN_NOT_COPIED', message, { cause });
    return { ...(await this.prepareFiles([path])), warning };
  }
}

/** Undefined when the file may be executed but not read. */
async function hasNativeHead(path: string): Promise<boolean | undefined> {
  try {
    const file = await open(path, 'r');
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
      return isNativeProgram(buffer.subarray(0, bytesRead));
    } finally {
      await file.close();
    }
  } catch (cause) {
    if (codeOf(cause) !== 'ENOENT') return undefined;
    throw new PluginError('PLUGIN_FILE_NOT_FOUND', `There is no plugin ${path}.`, { cause });
  }
}

async function checkExecutable(path: string): Promise<void> {
  try {
    await access(path, constants.X_OK);
  } catch (cause) {
    throw new PluginError('PLUGIN_FILE_NOT_EXECUTABLE', `The plugin ${path} may not be executed.`, { cause });
  }
}

async function copyUnchanged(path: string, copy: string): Promise<void> {
  const before = await identityOf(path);
  await copyFile(path, copy, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  await chmod(copy, 0o500);
  if ((await identityOf(path)) === before) return;
  throw new PluginError('PLUGIN_FILE_BUSY', `The plugin ${path} was written to while it was copied.`);
}

/** Differs whenever the file was written or exchanged. */
async function identityOf(path: string): Promise<string> {
  const { dev, ino, size, mtimeNs } = await stat(path, { bigint: true });
  return `${dev} ${ino} ${size} ${mtimeNs}`;
}

async function removeTree(directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true, maxRetries: 2 }).catch(() => undefined);
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
