/**
 * Assembles `packages/<folder>/dist`: what is packed, linted and published.
 */
import { cp, mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isWanted, TEMPLATES } from '../../packages/router/src/authoring/template.ts';
import { distManifest, exportsProto } from './dist-manifest.ts';
import type { WorkspacePackage } from './workspace.ts';

/** What a distribution is made of. */
export interface DistributionParts {
  readonly root: string;
  /** Folder holding the compiled sources of every package, see `compilePackages`. */
  readonly compiled: string;
  readonly siblingVersions: ReadonlyMap<string, string>;
}

/** Writes the distribution of one package anew into `dist`. */
export async function writeDistribution(
  { directory, folder, manifest }: WorkspacePackage,
  { root, compiled, siblingVersions }: DistributionParts,
  dist: string,
): Promise<void> {
  await rm(dist, { recursive: true, force: true });
  await mkdir(dist, { recursive: true });
  await cp(join(compiled, folder, 'src'), join(dist, 'src'), { recursive: true });
  await cp(join(directory, 'src'), join(dist, 'src'), { recursive: true, filter: isReady });
  // Programs are plain JavaScript and find the compiled sources themselves.
  if (manifest.bin !== undefined) await cp(join(directory, 'bin'), join(dist, 'bin'), { recursive: true });
  if (exportsProto(manifest)) await cp(join(directory, 'proto'), join(dist, 'proto'), { recursive: true });
  if (await hasTemplates(directory)) await writeTemplates(join(directory, 'templates'), { root, dist });
  await writeFile(
    join(dist, 'package.json'),
    `${JSON.stringify(distManifest(manifest, { siblingVersions, hasTemplates: await hasTemplates(directory) }), undefined, 2)}\n`,
  );
  await cp(join(root, 'LICENSE'), join(dist, 'LICENSE'));
  await cp(await readmeOf(directory, root), join(dist, 'README.md'));
}

/** Whether a package brings templates of plugins. */
async function hasTemplates(directory: string): Promise<boolean> {
  return (await readdir(directory)).includes('templates');
}

/** The templates, and beside them what they take from elsewhere in the source tree. */
async function writeTemplates(
  templates: string,
  { root, dist }: { readonly root: string; readonly dist: string },
): Promise<void> {
  await cp(templates, join(dist, 'templates'), { recursive: true, filter: isOurs });
  for (const { packed, source } of Object.values(TEMPLATES).flatMap(({ ingredients }) => ingredients)) {
    await cp(join(root, source), join(dist, 'templates', packed), { recursive: true, filter: isWanted });
  }
}

/** Not what was made by trying a template out in its place. */
function isOurs(path: string): boolean {
  return !/[\\/](?:node_modules|vendor|\.venv|__pycache__)$/.test(path);
}

/** Generated code is JavaScript with its types, which the compiler has nothing to do with; other folders are there already. */
async function isReady(path: string): Promise<boolean> {
  return /\.js$|\.d\.ts$/.test(path) || (await stat(path)).isDirectory();
}

async function readmeOf(directory: string, root: string): Promise<string> {
  const names = await readdir(directory);
  return names.includes('README.md') ? join(directory, 'README.md') : join(root, 'README.md');
}
