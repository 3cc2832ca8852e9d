/** Exit codes of every command (sysexits.h where it has one). */
import { RouterError } from '../errors.ts';

export const EXIT = {
  ok: 0,
  /** The thing asked for failed for good, e.g. a test mail was refused. */
  failed: 1,
  usage: 2,
  /** A mistake of ours. */
  internal: 70,
  /** The same command may work later. */
  tryLater: 75,
  badConfiguration: 78,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** What an operator must change in configuration or system before the same command can work. */
const CONFIGURATION_CODES: readonly string[] = ['ROUTER_STATE_DIR_UNUSABLE', 'ROUTER_ADDRESS_UNUSABLE'];

/** The code a failure ends the process with. */
export function exitCodeOf(error: unknown): ExitCode {
  if (!(error instanceof RouterError) || error.code === 'ROUTER_INTERNAL') return EXIT.internal;
  if (error.code.startsWith('CONFIG_') || CONFIGURATION_CODES.includes(error.code))
    return EXIT.badConfiguration;
  return error.temporary ? EXIT.tryLater : EXIT.failed;
}
