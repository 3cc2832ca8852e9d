/**
 * Nothing tells a plugin that its host was killed, and Go plugins live on for ever. Ours look every
 * half second whether they still have the same parent. End of stdin would be no sign: hosts may close
 * or share it.
 */
const POLL_MS = 500;

/** Calls `onOrphaned` once when the parent is gone; the answer stops watching. */
export function watchParent(onOrphaned: () => void): () => void {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (isParent(parent)) return;
    clearInterval(timer);
    onOrphaned();
  }, POLL_MS);
  timer.unref();
  return () => clearInterval(timer);
}

function isParent(parent: number): boolean {
  return process.platform === 'win32' ? exists(parent) : process.ppid === parent;
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
