/**
 * Builds all packages: compiled once, each assembled in its own folder.
 */
import { rm } from 'node:fs/promises';
import { compilePackages } from './compile.ts';
import { writeDistribution } from './distribution.ts';
import { readWorkspacePackages, type WorkspacePackage } from './workspace.ts';

/** Chooses the folder of a package's distribution; it is emptied first. */
export type DistributionFolder = (one: WorkspacePackage) => string;

/** Builds every publishable package and returns the folders written. */
export async function buildPackages(root: string, folderOf: DistributionFolder): Promise<readonly string[]> {
  const packages = await readWorkspacePackages(root);
  const siblingVersions = new Map(packages.map(({ manifest }) => [manifest.name, manifest.version]));
  const compiled = await compilePackages(
    root,
    packages.map(({ folder }) => folder),
  );
  try {
    for (const one of packages) {
      await writeDistribution(one, { root, compiled, siblingVersions }, folderOf(one));
    }
    return packages.map(folderOf);
  } finally {
    await rm(compiled, { recursive: true, force: true });
  }
}
