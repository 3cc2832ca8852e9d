/** How a plugin's process ended, with what it said last. */
export interface PluginExit {
  /** Exit status; null when a signal ended it or its end could not be observed. */
  readonly status: number | null;
  /** Name of the ending signal, or null. */
  readonly signal: string | null;
  /** The last lines of stderr, oldest first; at most 20 of 2 KiB each. */
  readonly lastLines: readonly string[];
  /** The whole `panic: ` or `fatal error: ` block of a Go plugin, at most 64 KiB. */
  readonly panic?: string;
}
