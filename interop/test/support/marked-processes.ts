/** Processes found by their environment, which their children share: also those that left group and session. */
import { readdirSync, readFileSync } from 'node:fs';

/** Numbers of this user's living processes that have `mark` somewhere in their environment (Linux). */
export function processesMarked(mark: string): readonly number[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry) && isMarked(entry, mark))
    .map(Number);
}

/** A zombie has no environment any more. */
function isMarked(pid: string, mark: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1').includes(mark);
  } catch {
    return false;
  }
}
