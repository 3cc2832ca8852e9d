/**
 * Python packages the tests need, installed once below `.cache/interop`.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from './go-programs.ts';
import { tool } from './tools.ts';

const run = promisify(execFile);
const INSTALL_TIMEOUT_MS = 120_000;

/** What pip is asked for: each a folder of its own, which another version does not share. */
export interface PythonPackageSet {
  readonly name: string;
  readonly requirements: readonly string[];
}

export const AIOSMTPD: PythonPackageSet = { name: 'python', requirements: ['aiosmtpd==1.4.6'] };

/** A folder for `PYTHONPATH`, or why there is none. */
export type PythonPackages =
  | { readonly kind: 'installed'; readonly folder: string }
  | { readonly kind: 'missing'; readonly why: string };

/** What a file for `pip install -r` names. */
export async function requirementsOf(name: string, file: string): Promise<PythonPackageSet> {
  const lines = (await readFile(file, 'utf8')).split('\n');
  return { name, requirements: lines.filter((line) => line !== '') };
}

/** Answers at once when they were installed before. `python3` must be there. */
export async function pythonPackages({ name, requirements }: PythonPackageSet): Promise<PythonPackages> {
  const folder = join(ROOT, '.cache/interop', [name, ...requirements].join('-'));
  if (existsSync(folder)) return { kind: 'installed', folder };
  const begun = `${folder}-${process.pid}`;
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--target', begun];
  try {
    await run(tool('python3'), [...pip, ...requirements], { timeout: INSTALL_TIMEOUT_MS });
    await rename(begun, folder);
    return { kind: 'installed', folder };
  } catch (error) {
    await rm(begun, { recursive: true, force: true });
    return { kind: 'missing', why: `${requirements.join(', ')} cannot be installed: ${String(error)}` };
  }
}
