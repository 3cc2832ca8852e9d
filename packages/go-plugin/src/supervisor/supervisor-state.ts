/**
 * The states of a supervised plugin.
 *
 * - `stopped`: no process, none wanted.
 * - `starting`: the first process since `start()` is on its way.
 * - `ready`: a process serves calls.
 * - `restarting`: it was lost, or did not come up; the next start is under way or due in a moment.
 * - `failed`: more than five starts in a row came to nothing, or the last failure cannot mend itself;
 *   starts go on at a slow pace.
 * - `closing`: `close()` was called, pending calls end and the process is being killed.
 */
export type SupervisorState = 'stopped' | 'starting' | 'ready' | 'restarting' | 'failed' | 'closing';
