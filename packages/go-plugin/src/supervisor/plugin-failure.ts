import { PluginError, type PluginErrorCode } from '../errors.ts';
import type { PluginExit } from '../host/plugin-exit.ts';
import { PluginLaunchError } from '../host/plugin-launch-error.ts';

/** Why a plugin is not, or was not, up: kept until the next one. */
export interface PluginFailure {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly error: PluginError;
  /** Of the process concerned, once it ended. */
  readonly status?: number | null;
  readonly signal?: string | null;
  /** The last lines of its stderr, oldest first. */
  readonly lastLines: readonly string[];
  /** The panic block of a Go plugin. */
  readonly panic?: string;
}

/** The failure of a start or of a process; an error of another class gets `code`. */
export function pluginFailure(
  cause: unknown,
  context: { readonly at: number; readonly code: PluginErrorCode; readonly exit?: PluginExit },
): PluginFailure {
  const error = cause instanceof PluginError ? cause : wrap(cause, context.code);
  const failure = { at: context.at, error, lastLines: [] };
  const exit = cause instanceof PluginLaunchError ? cause.exit : context.exit;
  return exit === undefined ? failure : withExit(failure, exit);
}

/** The failure with what became known when its process ended. */
export function withExit(failure: PluginFailure, exit: PluginExit): PluginFailure {
  return { ...failure, ...exit };
}

function wrap(cause: unknown, code: PluginErrorCode): PluginError {
  return new PluginError(code, cause instanceof Error ? cause.message : String(cause), { cause });
}
