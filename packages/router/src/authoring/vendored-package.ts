/** Packages of this product as tarballs, from where they are installed: nothing has to be published. */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { RouterError } from '../errors.ts';

/** Packing reads some hundred files. */
const PACK_TIMEOUT_MS = 120_000;

/** Folders of the compiled packages, by name. Throws ROUTER_PACKAGES_NOT_BUILT. */
export function packedForms(names: readonly string[]): ReadonlyMap<string, string> {
  return new Map(names.map((name) => [name, packedForm(name)]));
}

/** Packs each folder into `destination`; answers file names by package. Rejects with ROUTER_TOOL_FAILED. */
export async function packPackages(
  folders: ReadonlyMap<string, string>,
  destination: string,
): Promise<ReadonlyMap<string, string>> {
  mkdirSync(destination, { recursive: true });
  const tarballs = new Map<string, string>();
  for (const [name, folder] of folders) tarballs.set(name, await packPackage(folder, destination));
  return tarballs;
}

/** The folder with the compiled package: an installed one as it is, one of the source tree once it is built. */
function packedForm(name: string): string {
  const entry = fileURLToPath(import.meta.resolve(`${name}/errors`));
  const folder = packageFolderOf(entry, name);
  if (!entry.endsWith('.ts')) return folder;
  const dist = join(folder, 'dist');
  if (existsSync(join(dist, 'package.json'))) return dist;
  throw new RouterError('ROUTER_PACKAGES_NOT_BUILT', `${name} is not built in ${folder}.`);
}

function packageFolderOf(file: string, name: string): string {
  for (let folder = dirname(file); folder !== dirname(folder); folder = dirname(folder)) {
    const manifest = join(folder, 'package.json');
    if (!existsSync(manifest)) continue;
    const { name: found } = JSON.parse(readFileSync(manifest, 'utf8')) as { readonly name?: string };
    if (found === name) return folder;
  }
  throw new RouterError('ROUTER_PACKAGES_NOT_BUILT', `${name} is not where it should be.`);
}

async function packPackage(folder: string, destination: string): Promise<string> {
  const args = ['pack', '--json', '--ignore-scripts', '--offline', '--pack-destination', destination];
  try {
    const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
    const options = { cwd: folder, timeout: PACK_TIMEOUT_MS, shell: process.platform === 'win32' };
    const { stdout } = await promisify(execFile)(npm, args, options);
    return fileNameIn(JSON.parse(stdout));
  } catch (cause) {
    const reason = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause);
    throw new RouterError('ROUTER_TOOL_FAILED', `npm could not pack ${folder}: ${reason}`, { cause });
  }
}

function fileNameIn(report: unknown): string {
  const first: unknown = Array.isArray(report) ? report[0] : undefined;
  if (typeof first === 'object' && first !== null && 'filename' in first) return String(first.filename);
  throw new Error('npm pack did not name the file it wrote');
}
