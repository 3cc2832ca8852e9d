/**
 * The command line: one place where commands are assembled, where their failures become one message and
 * an exit code, and where nothing escapes as a stack trace.
 */
import { Command, CommanderError } from 'commander';
import { routerVersion } from '../version.ts';
import { checkCommand } from './check-command.ts';
import type { CommandContext } from './command-context.ts';
import { demoCommand } from './demo-command.ts';
import { downstreamCommand } from './downstream-command.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { explainCommand } from './explain-command.ts';
import { pluginCommand } from './plugin-command.ts';
import { queueCommand, traceCommand } from './queue-command.ts';
import { reportError } from './report-error.ts';
import { sendCommand } from './send-command.ts';
import { serveCommand } from './serve-command.ts';
import { statusCommand } from './status-command.ts';
import { Terminal } from './terminal.ts';
import { userCommand } from './user-command.ts';

/** Runs the command of `process.argv`; sets `process.exitCode` and never rejects. */
export async function main(process: NodeJS.Process): Promise<void> {
  const terminal = new Terminal(process);
  const isDebug = process.argv.includes('--debug');
  const fail = (error: unknown): void => {
    process.exitCode = reportError(error, terminal, isDebug);
  };
  const die = (error: unknown): void => {
    fail(error);
    process.exit();
  };
  process.on('uncaughtException', die);
  process.on('unhandledRejection', die);
  try {
    await run(process, terminal);
  } catch (error) {
    if (error instanceof CommanderError) process.exitCode = usageCode(error);
    else fail(error);
  }
}

async function run(process: NodeJS.Process, terminal: Terminal): Promise<void> {
  const context: CommandContext = {
    terminal,
    process,
    exitWith: (code: ExitCode) => {
      process.exitCode = code;
    },
  };
  await createProgram(context).parseAsync(process.argv);
}

/** The program with every command; exported so that tests can look at each one's help. */
export function createProgram(context: CommandContext): Command {
  const program = new Command('smtp-router')
    .description('One SMTP endpoint in front of many downstream SMTP servers, routed by plugins.')
    .version(routerVersion())
    .option('--debug', 'show the stack of an unexpected error')
    .addHelpText('after', '\nExample:\n  smtp-router demo\n  smtp-router serve -c config.yaml');
  const commands = [
    serveCommand,
    checkCommand,
    explainCommand,
    sendCommand,
    statusCommand,
    pluginCommand,
    queueCommand,
    traceCommand,
    downstreamCommand,
    userCommand,
    demoCommand,
  ];
  for (const create of commands) program.addCommand(create(context));
  settle(program);
  return program;
}

/** Mistakes of usage, of commands within commands too, throw instead of ending the process, and say where help is. */
function settle(command: Command): void {
  command.exitOverride().showHelpAfterError('(add --help for the options and an example)');
  for (const inner of command.commands) settle(inner);
}

function usageCode(error: CommanderError): ExitCode {
  return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
}
