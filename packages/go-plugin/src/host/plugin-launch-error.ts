import { PluginError, type PluginErrorCode } from '../errors.ts';
import type { PluginExit } from './plugin-exit.ts';

/** A start that failed after the process ran; the process and its directory are gone. */
export class PluginLaunchError extends PluginError {
  /** How the process ended, by itself or killed because of this error, and what it said last. */
  readonly exit: PluginExit;

  constructor(
    code: PluginErrorCode,
    message: string,
    options: { readonly cause: unknown; readonly exit: PluginExit },
  ) {
    super(code, message, options);
    this.exit = options.exit;
  }
}
