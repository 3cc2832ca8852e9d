/**
 * Builds Go programs of this repository, each once per run, below `.cache/interop`.
 */
import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { tool } from './tools.ts';

const run = promisify(execFile);

/** The checkout. */
export const ROOT = resolve(import.meta.dirname, '../../..');

/** The first build downloads modules and compiles gRPC. */
const BUILD_TIMEOUT_MS = 300_000;

const built = new Map<string, Promise<string>>();

/** Version of go-plugin that `interop/go.mod` names, the newest, and the older ones of `go-plugin-versions/`. */
export const GO_PLUGIN_VERSIONS = ['1.8.0', '1.6.3', '1.4.10'] as const;

/** Builds `packagePath` of the module in `moduleFolder` (relative to the checkout); answers the program's path. */
export function goProgram(moduleFolder: string, packagePath: string): Promise<string> {
  return once(`${moduleFolder}/${packagePath}`, moduleFolder, [packagePath]);
}

/** Builds `packagePath` of `interop` with a version of go-plugin; answers the program's path. */
export function goProgramWith(
  version: (typeof GO_PLUGIN_VERSIONS)[number],
  packagePath: string,
): Promise<string> {
  if (version === GO_PLUGIN_VERSIONS[0]) return goProgram('interop', packagePath);
  const requirements = `-modfile=go-plugin-versions/${version}.mod`;
  return once(`interop/${packagePath}/${version}`, 'interop', [requirements, packagePath]);
}

function once(key: string, moduleFolder: string, args: readonly string[]): Promise<string> {
  const program = built.get(key) ?? build(join(ROOT, moduleFolder), args, key.replaceAll(/[^\w]+/g, '-'));
  built.set(key, program);
  return program;
}

/** Runs `go` with the given arguments in a folder; rejects with what it wrote. */
export async function go(folder: string, ...args: string[]): Promise<void> {
  await run(tool('go'), args, { cwd: folder, timeout: BUILD_TIMEOUT_MS });
}

async function build(folder: string, args: readonly string[], name: string): Promise<string> {
  const output = join(ROOT, '.cache/interop', name);
  await mkdir(join(ROOT, '.cache/interop'), { recursive: true });
  await go(folder, 'build', '-o', output, ...args);
  return output;
}
