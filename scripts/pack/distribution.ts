/**
 * Assembles `packages/<folder>/dist`: what is packed, linted and published.
 */
import { chmod, cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { distManifest } from './dist-manifest.ts';
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
  if (manifest.bin !== undefined) await copyPrograms(join(directory, 'bin'), join(dist, 'bin'));
  await writeFile(
    join(dist, 'package.json'),
    `${JSON.stringify(distManifest(manifest, siblingVersions), undefined, 2)}\n`,
  );
  await cp(join(root, 'LICENSE'), join(dist, 'LICENSE'));
  await cp(await readmeOf(directory, root), join(dist, 'README.md'));
}

/** Programs are plain JavaScript already; only the names of the files they import change. */
async function copyPrograms(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const name of await readdir(from)) {
    const text = await readFile(join(from, name), 'utf8');
    await writeFile(join(to, name), compiledSpecifiers(text));
    await chmod(join(to, name), 0o755);
  }
}

/** `'../src/cli/main.ts'` becomes `'../src/cli/main.js'`; bare names and other text stay. */
export function compiledSpecifiers(source: string): string {
  return source.replaceAll(/(['"])(\.{1,2}\/[^'"\n]*)\.ts\1/g, '$1$2.js$1');
}

async function readmeOf(directory: string, root: string): Promise<string> {
  const names = await readdir(directory);
  return names.includes('README.md') ? join(directory, 'README.md') : join(root, 'README.md');
}
