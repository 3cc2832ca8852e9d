/** `smtp-router check`: every problem of a configuration, without starting anything. */
import { Command } from 'commander';
import { formatProblem } from '../config/config-problem.ts';
import { loadConfig } from '../config/load-config.ts';
import type { RouterConfig } from '../config/router-config.ts';
import type { CommandContext } from './command-context.ts';
import { configOption } from './config-option.ts';
import { EXIT } from './exit-code.ts';
import { reportProblems } from './report-error.ts';

interface CheckOptions {
  readonly config: string;
  readonly json?: true;
}

/** Exit 0 when a router would run by the file, else 78. */
export function checkCommand(context: CommandContext): Command {
  return new Command('check')
    .description('check a configuration and show every problem at once')
    .addOption(configOption())
    .option('--json', 'problems as JSON on stdout')
    .addHelpText('after', '\nExample:\n  smtp-router check -c config.yaml')
    .action((options: CheckOptions) => check(options, context));
}

function check(options: CheckOptions, context: CommandContext): void {
  const { terminal } = context;
  const result = loadConfig(options.config);
  const problems = result.kind === 'bad' ? result.problems : [];
  const warnings = result.kind === 'ok' ? result.warnings : [];
  context.exitWith(problems.length > 0 ? EXIT.badConfiguration : EXIT.ok);
  if (options.json) {
    terminal.out(JSON.stringify({ problems, warnings }));
    return;
  }
  if (result.kind === 'bad') {
    reportProblems(problems, terminal);
    return;
  }
  for (const warning of warnings) {
    terminal.error(`${terminal.paintError('yellow', 'warning:')} ${formatProblem(warning)}`);
  }
  terminal.out(`${options.config} is fine: ${summary(result.config)}`);
}

function summary({ users, downstreams, selectors }: RouterConfig): string {
  const plugins = [...selectors.values()].filter((selector) => selector.kind === 'plugin').length;
  return `${counted(users.size, 'user')}, ${counted(downstreams.size, 'downstream')}, ${counted(plugins, 'plugin')}`;
}

function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}
