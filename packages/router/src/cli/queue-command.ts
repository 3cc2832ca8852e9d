/** `smtp-router queue`: mail that waits, and what is to become of it. `smtp-router trace`: the story of one message. */
import { Command, InvalidArgumentError } from 'commander';
import { parseDuration } from '../config/units.ts';
import type { SpoolChange, SpoolFilter } from '../delivery/mail-queue.ts';
import { askQueue } from './ask-queue.ts';
import type { CommandContext } from './command-context.ts';
import { configOption } from './config-option.ts';
import { EXIT } from './exit-code.ts';
import { queueLines, traceLines } from './queue-lines.ts';

interface FilterOptions {
  readonly config: string;
  readonly user?: string;
  readonly downstream?: string;
  readonly domain?: string;
  readonly olderThan?: number;
  readonly reason?: string;
  readonly json?: true;
}

interface ListOptions extends FilterOptions {
  readonly state?: 'due' | 'held';
  readonly limit: number;
}

interface ChangeOptions extends FilterOptions {
  readonly all?: true;
}

const DEFAULT_LIMIT = 1_000;

const CHANGES: Readonly<Record<SpoolChange, { readonly does: string; readonly done: string }>> = {
  retry: { does: 'try waiting mail now', done: 'due now' },
  hold: { does: 'keep waiting mail until it is released', done: 'held' },
  release: { does: 'let held mail go on now', done: 'due now' },
  drop: { does: 'give up waiting and held mail for good, without a report to the sender', done: 'dropped' },
};

/** Commands about spooled mail; they work beside a running router and without one. */
export function queueCommand(context: CommandContext): Command {
  const queue = new Command('queue')
    .description('spooled mail: list, show, retry, hold, release, drop')
    .addHelpText(
      'after',
      '\nExamples:\n  smtp-router queue list -c config.yaml --domain example.org\n  smtp-router queue retry --downstream ses\n  smtp-router queue drop 0c8xv3qk5t0a2b3cd-1',
    )
    .addCommand(listCommand(context))
    .addCommand(storyCommand('show', context));
  for (const change of ['retry', 'hold', 'release', 'drop'] as const)
    queue.addCommand(changeCommand(change, context));
  return queue;
}

/** The same as `queue show`. */
export function traceCommand(context: CommandContext): Command {
  return storyCommand('trace', context);
}

function listCommand({ terminal }: CommandContext): Command {
  return withFilters(new Command('list').description('show mail that waits or is held'))
    .option('--state <state>', 'due or held only', stateOf)
    .option('--limit <count>', 'most recipients shown', countOf, DEFAULT_LIMIT)
    .addHelpText('after', '\nExample:\n  smtp-router queue list -c config.yaml --older-than 1h')
    .action(async (options: ListOptions) => {
      const { state, limit } = options;
      const filter = { ...filterOf(options), ...(state !== undefined && { state }) };
      const answer = await askQueue(options.config, { kind: 'list', filter, limit });
      if (answer.kind !== 'list') return;
      if (options.json) terminal.out(JSON.stringify(answer));
      else for (const line of queueLines(answer.recipients, limit)) terminal.out(line);
    });
}

function storyCommand(name: 'show' | 'trace', context: CommandContext): Command {
  return new Command(name)
    .description('show everything that happened to a spooled message: selections, attempts, recipients')
    .argument('<id>', 'id of the message, as in the 250 and in the log')
    .addOption(configOption())
    .option('--json', 'the story as JSON')
    .addHelpText(
      'after',
      `\nExample:\n  smtp-router ${name === 'show' ? 'queue show' : 'trace'} -c config.yaml 0c8xv3qk5t0a2b3cd-1`,
    )
    .action(async (messageId: string, options: Pick<FilterOptions, 'config' | 'json'>) => {
      const answer = await askQueue(options.config, { kind: 'trace', messageId });
      if (answer.kind !== 'trace') return;
      if (options.json) context.terminal.out(JSON.stringify(answer.trace ?? null));
      else if (answer.trace === undefined) context.terminal.error(`The spool knows no message ${messageId}.`);
      else for (const line of traceLines(answer.trace)) context.terminal.out(line);
      if (answer.trace === undefined) context.exitWith(EXIT.failed);
    });
}

function changeCommand(change: SpoolChange, { terminal }: CommandContext): Command {
  const { does, done } = CHANGES[change];
  const command = new Command(change);
  return withFilters(command.description(does).argument('[id]', 'id of a message'))
    .option('--all', 'everything in the queue')
    .addHelpText('after', `\nExample:\n  smtp-router queue ${change} -c config.yaml --domain example.org`)
    .action(async (messageId: string | undefined, options: ChangeOptions) => {
      const filter = { ...filterOf(options), ...(messageId !== undefined && { messageId }) };
      if (Object.keys(filter).length === 0 && options.all !== true) {
        command.error(`error: queue ${change} needs the id of a message, a filter, or --all`, {
          exitCode: EXIT.usage,
        });
      }
      const answer = await askQueue(options.config, { kind: 'change', change, filter });
      if (answer.kind !== 'change') return;
      const text = `${answer.count} recipient${answer.count === 1 ? '' : 's'} ${done}`;
      terminal.out(options.json ? JSON.stringify({ count: answer.count }) : text);
    });
}

function withFilters(command: Command): Command {
  return command
    .addOption(configOption())
    .option('--user <email>', 'mail of one user')
    .option('--downstream <name>', 'mail this downstream was the last to say something about')
    .option('--domain <domain>', 'recipients of one domain')
    .option('--older-than <duration>', 'mail spooled at least that long ago, e.g. 1h', durationOf)
    .option('--reason <text>', 'mail whose reason holds this text')
    .option('--json', 'data as JSON');
}

function filterOf({ user, downstream, domain, olderThan, reason }: FilterOptions): SpoolFilter {
  return {
    ...(user !== undefined && { user }),
    ...(downstream !== undefined && { downstreamId: downstream }),
    ...(domain !== undefined && { domain: domain.toLowerCase() }),
    ...(olderThan !== undefined && { minAgeMs: olderThan }),
    ...(reason !== undefined && { reason }),
  };
}

function durationOf(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined) throw new InvalidArgumentError('Write 30s, 5m, 1h or 3d.');
  return ms;
}

function countOf(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1 || number > 100_000)
    throw new InvalidArgumentError('Write 1 to 100000.');
  return number;
}

function stateOf(text: string): 'due' | 'held' {
  if (text !== 'due' && text !== 'held') throw new InvalidArgumentError('Write due or held.');
  return text;
}
