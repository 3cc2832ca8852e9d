/**
 * `npm run build [-- --pack]`: compiles every package into `packages/<name>/dist`, the only form that is ever
 * published. With `--pack` also writes tarballs to `.cache/tarballs` (or `--to FOLDER`) and checks them with publint.
 */
import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { buildPackages } from './pack/build-packages.ts';
import { lintDistribution, packTarball } from './pack/tarball.ts';

const root = resolve(import.meta.dirname, '..');

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
const dists = await buildPackages(root, ({ directory }) => join(directory, 'dist'));
console.log(`built ${dists.length} packages`);
if (values.pack && (await pack(dists, resolve(values.to))) > 0) process.exitCode = 1;
