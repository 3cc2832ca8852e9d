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

/**
 * What moves a supervisor: `opened` (a process is up and usable), `lost` (a process or a start came to
 * nothing, another try is due soon), `despaired` (the same, but the tries go on slowly), and its owner.
 */
export type SupervisorTrigger = 'start' | 'opened' | 'lost' | 'despaired' | 'close' | 'closed';

/** A missing entry cannot happen; a state that leads to itself is no change and not reported. */
export const TRANSITIONS = {
  stopped: { start: 'starting', close: 'closing' },
  starting: { opened: 'ready', lost: 'restarting', despaired: 'failed', close: 'closing' },
  ready: { opened: 'ready', lost: 'restarting', despaired: 'failed', close: 'closing' },
  restarting: { opened: 'ready', lost: 'restarting', despaired: 'failed', close: 'closing' },
  failed: { opened: 'ready', lost: 'failed', despaired: 'failed', close: 'closing' },
  closing: { closed: 'stopped' },
} as const satisfies Readonly<
  Record<SupervisorState, Readonly<Partial<Record<SupervisorTrigger, SupervisorState>>>>
>;

/** The state a trigger leads to; undefined when the trigger means nothing in this state. */
export function nextState(state: SupervisorState, trigger: SupervisorTrigger): SupervisorState | undefined {
  const row: Readonly<Partial<Record<SupervisorTrigger, SupervisorState>>> = TRANSITIONS[state];
  return row[trigger];
}
