/** Making one clear error of a start that failed: what went wrong, how the process ended, what it said last. */
import { PluginError } from '../errors.ts';
import { describeLastWords } from './describe-exit.ts';
import type { LaunchPlan } from './launch-plan.ts';
import { PluginLaunchError } from './plugin-launch-error.ts';
import type { PluginProcess } from './plugin-process.ts';
import { describeExecutable } from './runner/describe-executable.ts';

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

/** Notes on the file, when the file itself may be at fault. */
async function describeFile(code: PluginError['code'], plan: LaunchPlan): Promise<string | undefined> {
  if (code !== 'PLUGIN_HANDSHAKE_UNRECOGNIZED' && code !== 'PLUGIN_EXITED_EARLY') return undefined;
  const description = await describeExecutable(plan.command);
  return description === undefined ? undefined : `The file is ${description}.`;
}
