/**
 * Python packages the tests need, installed once below `.cache/interop`.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from './go-programs.ts';
import { tool } from './tools.ts';

const run = promisify(execFile);
const INSTALL_TIMEOUT_MS = 120_000;
const AIOSMTPD = 'aiosmtpd==1.4.6';

/** A folder for `PYTHONPATH`, or why there is none. */
export type PythonPackages =
  | { readonly kind: 'installed'; readonly folder: string }
  | { readonly kind: 'missing'; readonly why: string };

/** Answers at once when they were installed before. `python3` must be there. */
export async function pythonPackages(): Promise<PythonPackages> {
  const folder = join(ROOT, '.cache/interop/python');
  if (existsSync(folder)) return { kind: 'installed', folder };
  const begun = `${folder}-${process.pid}`;
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--target', begun, AIOSMTPD];
  try {
    await run(tool('python3'), pip, { timeout: INSTALL_TIMEOUT_MS });
    await rename(begun, folder);
    return { kind: 'installed', folder };
  } catch (error) {
    await rm(begun, { recursive: true, force: true });
    return { kind: 'missing', why: `${AIOSMTPD} cannot be installed: ${String(error)}` };
  }
}
