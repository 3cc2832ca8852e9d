import type { PluginError } from '../errors.ts';

/** Why a plugin is not, or was not, up: kept until it has served calls again for a while. */
export interface PluginFailure {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly error: PluginError;
  /** Of the process concerned, when it ended. */
  readonly status?: number | null;
  readonly signal?: string | null;
  /** The last lines of its stderr, oldest first. */
  readonly lastLines: readonly string[];
  /** The panic block of a Go plugin. */
  readonly panic?: string;
}
