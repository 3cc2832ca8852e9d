/** How a failed command ends: one message for people, a stack only where it was asked for. */

import { type ConfigProblem, formatProblem } from '../config/config-problem.ts';
import { describeError } from './describe-error.ts';
import { EXIT, type ExitCode, exitCodeOf } from './exit-code.ts';
import type { Terminal } from './terminal.ts';

/** Writes the message of a failure and answers the exit code. */
export function reportError(error: unknown, terminal: Terminal, isDebug: boolean): ExitCode {
  terminal.error(`${terminal.paintError('red', 'error:')} ${describeError(error)}`);
  if (isDebug && error instanceof Error) terminal.error(terminal.paintError('dim', stackOf(error)));
  return exitCodeOf(error);
}

/** Writes every problem of a configuration. */
export function reportProblems(problems: readonly ConfigProblem[], terminal: Terminal): ExitCode {
  for (const problem of problems) terminal.error(formatProblem(problem));
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  terminal.error(terminal.paintError('red', `${count} in ${problems[0]?.file ?? 'the configuration'}`));
  return EXIT.badConfiguration;
}

function stackOf(error: Error): string {
  const cause = error.cause instanceof Error ? `\ncaused by ${stackOf(error.cause)}` : '';
  return `${error.stack ?? error.message}${cause}`;
}
