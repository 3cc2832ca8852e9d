/** What commands that start a plugin of their own have in common. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { PluginTarget } from '../authoring/plugin-target.ts';
import { findPlugin } from '../config/plugin-words.ts';
import { NO_SETTINGS, readSettings } from '../config/settings-file.ts';
import type { CommandContext } from './command-context.ts';
import { EXIT } from './exit-code.ts';

/** Options of every such command. */
export interface PluginWords {
  readonly config?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly autoMtls?: NonNullable<PluginTarget['autoMtls']>;
}

/** Adds `--config FILE` and `--env KEY=VALUE`. */
export function withPluginOptions(command: Command): Command {
  return command
    .option('--config <file>', "the plugin's own config, as YAML or JSON")
    .option('--env <key=value>', 'variable for the plugin; may be given several times', addVariable)
    .addOption(
      new Option(
        '--auto-mtls <mode>',
        'mutual TLS with the plugin; default prefer, as in the router',
      ).choices(['prefer', 'require', 'off']),
    );
}

function addVariable(text: string, earlier: Readonly<Record<string, string>> = {}): Record<string, string> {
  const equals = text.indexOf('=');
  if (equals < 1) throw new InvalidArgumentError('It is no KEY=VALUE.');
  return { ...earlier, [text.slice(0, equals)]: text.slice(equals + 1) };
}

/** Throws a `RouterError` when there is no such plugin or its config cannot be read. */
export function targetOf(
  words: readonly string[],
  { config, env = {}, autoMtls }: PluginWords,
): PluginTarget {
  const surroundings = { cwd: process.cwd(), env: process.env, execPath: process.execPath };
  const { command } = findPlugin(words, surroundings);
  const settings = config === undefined ? NO_SETTINGS : readSettings(config);
  return { name: words.join(' '), command, env, settings, ...(autoMtls !== undefined && { autoMtls }) };
}

/** Runs something that starts processes: a signal gives it up, so that what it started is ended first. */
export async function interruptible(
  { process, exitWith }: CommandContext,
  run: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const giveUp = new AbortController();
  const interrupt = (): void => {
    exitWith(EXIT.failed);
    giveUp.abort();
  };
  const signals = ['SIGINT', 'SIGTERM'] as const;
  for (const signal of signals) process.once(signal, interrupt);
  try {
    await run(giveUp.signal);
  } finally {
    for (const signal of signals) process.off(signal, interrupt);
  }
}
