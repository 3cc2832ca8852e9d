/** Making one clear error of a start that failed: what went wrong, how the process ended, what it said last. */
import { PluginError } from '../errors.ts';
import { printable } from '../printable.ts';
import type { LaunchPlan } from './launch-plan.ts';
import type { PluginExit } from './plugin-exit.ts';
import { PluginLaunchError } from './plugin-launch-error.ts';
import type { PluginProcess } from './plugin-process.ts';
import { describeExecutable } from './runner/describe-executable.ts';

/** How many of the last lines the message shows; the error carries all that were kept. */
const SHOWN_LINES = 5;

/** Ends the process and answers the error to reject the launch with. */
export async function failLaunch(
  process: PluginProcess,
  plan: LaunchPlan,
  cause: unknown,
): Promise<PluginLaunchError> {
  const exit = await process.kill();
  const code = cause instanceof PluginError ? cause.code : 'PLUGIN_CONNECT_FAILED';
  const reason = cause instanceof Error ? cause.message : String(cause);
  const notes = [describeLastWords(exit), await describeFile(code, plan)].filter(
    (note) => note !== undefined,
  );
  const message = [reason, ...notes].join(' ');
  return new PluginLaunchError(code, message, { cause, exit });
}

/** How the process ended, as the predicate of a sentence. */
export function describeExit(exit: {
  readonly status: number | null;
  readonly signal: string | null;
}): string {
  if (exit.signal !== null) return `was ended by ${exit.signal}`;
  return exit.status === null ? 'could not be ended' : `exited with status ${exit.status}`;
}

function describeLastWords(exit: PluginExit): string | undefined {
  const lines =
    exit.panic === undefined ? exit.lastLines.slice(-SHOWN_LINES) : exit.panic.split('\n', SHOWN_LINES);
  if (lines.length === 0) return undefined;
  return `Its stderr: ${lines.map((line) => `"${printable(line, 200)}"`).join(' ')}`;
}

/** Notes on the file, when the file itself may be at fault. */
async function describeFile(code: PluginError['code'], plan: LaunchPlan): Promise<string | undefined> {
  if (code !== 'PLUGIN_HANDSHAKE_UNRECOGNIZED' && code !== 'PLUGIN_EXITED_EARLY') return undefined;
  const description = await describeExecutable(plan.command);
  return description === undefined ? undefined : `The file is ${description}.`;
}
