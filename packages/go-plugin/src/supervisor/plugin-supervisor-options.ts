import type { Clock } from '../clock.ts';
import type { PluginHost } from '../host/plugin-host.ts';
import type { PluginLaunchOptions } from '../host/plugin-launch-options.ts';
import type { PrepareExecutable } from './executable.ts';
import type { ProcessRegistry } from './process-registry.ts';
import type { RunCall } from './supervised-process.ts';
import type { SupervisorEvent } from './supervisor-event.ts';

/** Starts one process: `launchPlugin`, or a stand-in for tests. */
export type LaunchPlugin = (options: PluginLaunchOptions) => Promise<PluginHost>;

export interface PluginSupervisorOptions<T> {
  /** For messages and events. */
  readonly name: string;
  /** How to start a process. `onOutput`, `onProcess`, `signal` and `clock` are the supervisor's. */
  readonly launch: PluginLaunchOptions;
  /**
   * Makes of a connected plugin what calls use: dispense, configure, try. Bounded by the start time-out;
   * a rejection means that this process is of no use, and it is killed.
   */
  open(plugin: PluginHost): Promise<T>;
  /** What processes are started from; default the command of the launch. */
  readonly prepare?: PrepareExecutable;
  /**
   * Tries a newcomer before a swap lets calls reach it; a rejection means that it never serves. Bounded
   * as a call is. Default: whatever can be opened will do.
   */
  readonly probe?: RunCall<T, unknown>;
  /** Told in order; must not throw. */
  onEvent(event: SupervisorEvent): void;
  /** Deadline of every call. */
  readonly callTimeoutMs: number;
  /** Calls under way at once; more are refused with `PLUGIN_BUSY`. */
  readonly maxInFlight: number;
  readonly clock?: Clock;
  /** From 0 up to, not including, 1; for jitter. */
  readonly random?: () => number;
  readonly registry?: ProcessRegistry;
  readonly launcher?: LaunchPlugin;
}
