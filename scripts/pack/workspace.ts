/**
 * The publishable packages of this repository, as their own package.json files describe them.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The fields of a package.json that packing reads; the rest is carried over unseen. */
export interface PackageManifest {
  readonly name: string;
  readonly version: string;
  readonly description?: string;
  readonly private?: boolean;
  readonly exports?: ExportMap;
  readonly imports?: ExportMap;
  readonly bin?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

/** Subpath to file, relative to the package: the only form of `exports` and `imports` used here. */
export type ExportMap = Readonly<Record<string, string>>;

/** One package and where it lives. */
export interface WorkspacePackage {
  /** Name of the folder below `packages/`. */
  readonly folder: string;
  /** Absolute path of that folder. */
  readonly directory: string;
  readonly manifest: PackageManifest;
}

/** Every package below `packages/` that is not private, by folder name. */
export async function readWorkspacePackages(root: string): Promise<readonly WorkspacePackage[]> {
  const folders = (await readdir(join(root, 'packages'))).sort();
  const packages = await Promise.all(folders.map((folder) => readPackage(root, folder)));
  return packages.filter(({ manifest }) => manifest.private !== true);
}

async function readPackage(root: string, folder: string): Promise<WorkspacePackage> {
  const directory = join(root, 'packages', folder);
  const text = await readFile(join(directory, 'package.json'), 'utf8');
  return { folder, directory, manifest: parseManifest(JSON.parse(text), directory) };
}

function parseManifest(value: unknown, directory: string): PackageManifest {
  if (!isRecord(value) || typeof value['name'] !== 'string' || typeof value['version'] !== 'string') {
    throw new Error(`${directory}/package.json must state name and version`);
  }
  for (const field of ['exports', 'imports', 'bin', 'dependencies']) {
    requireStringMap(value[field] ?? {}, `${directory}/package.json: ${field}`);
  }
  return value as PackageManifest;
}

function requireStringMap(value: unknown, where: string): void {
  if (!isRecord(value) || !Object.values(value).every((entry) => typeof entry === 'string')) {
    throw new Error(`${where} must map names to strings`);
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
