/**
 * A folder with the packed form of every package in `node_modules`, as an installation has it, without a registry.
 */
import { mkdir, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { buildPackages } from './build-packages.ts';
import { type PackageManifest, readWorkspacePackages } from './workspace.ts';

/** What was installed. */
export interface InstalledForm {
  /** Folders of the packages. */
  readonly dists: readonly string[];
  /** As in the source tree. */
  readonly manifests: readonly PackageManifest[];
  /** The command. */
  readonly program: string;
}

/** Builds every package of the checkout `root` into `folder`. */
export async function installPackedForm(root: string, folder: string): Promise<InstalledForm> {
  const dists = await buildPackages(root, ({ manifest }) => join(folder, 'node_modules', manifest.name));
  const manifests = (await readWorkspacePackages(root)).map(({ manifest }) => manifest);
  await linkThirdParties(manifests, join(root, 'node_modules'), join(folder, 'node_modules'));
  return { dists, manifests, program: join(folder, 'node_modules/smtp-router/bin/smtp-router.js') };
}

/** What a registry would bring: links into the checkout's own installation. */
async function linkThirdParties(
  manifests: readonly PackageManifest[],
  from: string,
  to: string,
): Promise<void> {
  const own = new Set(manifests.map(({ name }) => name));
  const named = manifests.flatMap(({ dependencies = {} }) => Object.keys(dependencies));
  for (const name of new Set([...named.filter((name) => !own.has(name)), '@types/node'])) {
    await mkdir(dirname(join(to, name)), { recursive: true });
    await symlink(join(from, name), join(to, name));
  }
}
