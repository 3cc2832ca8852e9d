/**
 * `npm run build [-- --pack]`: compiles every package into `packages/<name>/dist`, the only form that is ever
 * published. With `--pack` also writes tarballs to `.cache/tarballs` (or `--to FOLDER`) and checks them with publint.
 */
import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { compilePackages } from './pack/compile.ts';
import { writeDistribution } from './pack/distribution.ts';
import { lintDistribution, packTarball } from './pack/tarball.ts';
import { readWorkspacePackages } from './pack/workspace.ts';

const root = resolve(import.meta.dirname, '..');

/** Writes all distributions and returns their folders. */
async function build(): Promise<readonly string[]> {
  const packages = await readWorkspacePackages(root);
  const siblingVersions = new Map(packages.map(({ manifest }) => [manifest.name, manifest.version]));
  const compiled = await compilePackages(
    root,
    packages.map(({ folder }) => folder),
  );
  try {
    return await Promise.all(
      packages.map((one) => writeDistribution(one, { root, compiled, siblingVersions })),
    );
  } finally {
    await rm(compiled, { recursive: true, force: true });
  }
}

/** Packs and lints; answers the number of findings. */
async function pack(dists: readonly string[], destination: string): Promise<number> {
  await rm(destination, { recursive: true, force: true });
  const findings: string[] = [];
  for (const dist of dists) {
    console.log(await packTarball(dist, destination));
    findings.push(...(await lintDistribution(dist)));
  }
  for (const finding of findings) console.error(`publint: ${finding}`);
  return findings.length;
}

const { values } = parseArgs({
  options: {
    pack: { type: 'boolean', default: false },
    to: { type: 'string', default: join(root, '.cache/tarballs') },
  },
});
const dists = await build();
console.log(`built ${dists.length} packages`);
if (values.pack && (await pack(dists, resolve(values.to))) > 0) process.exitCode = 1;
