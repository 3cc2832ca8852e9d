/**
 * Turns a distribution into the tarball npm would publish, and checks it the way a registry's users would see it.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { runTool } from '../process/run-tool.ts';

/** Packs `dist` into `destination` and returns the tarball's path. Runs no scripts, needs no network. */
export async function packTarball(dist: string, destination: string): Promise<string> {
  await mkdir(destination, { recursive: true });
  const args = ['pack', '--json', '--ignore-scripts', '--offline', '--pack-destination', destination];
  const { stdout } = await runTool('npm', args, { cwd: dist });
  return join(destination, packedName(JSON.parse(stdout)));
}

/** Everything publint finds wrong with a distribution, one sentence each; empty when it is fit to publish. */
export async function lintDistribution(dist: string): Promise<readonly string[]> {
  const { messages, pkg } = await publint({ pkgDir: dist, level: 'warning', pack: false });
  return messages.map((message) => `${String(pkg['name'])}: ${formatMessage(message, pkg) ?? message.code}`);
}

function packedName(report: unknown): string {
  const first: unknown = Array.isArray(report) ? report[0] : undefined;
  if (typeof first === 'object' && first !== null && 'filename' in first) return String(first.filename);
  throw new Error('npm pack did not name the file it wrote');
}
