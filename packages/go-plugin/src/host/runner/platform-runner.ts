import { posixRunner } from './posix.ts';
import type { Runner } from './runner.ts';
import { windowsRunner } from './windows.ts';

/** The runner of a platform. */
export function platformRunner(platform: NodeJS.Platform): Runner {
  return platform === 'win32' ? windowsRunner : posixRunner;
}
