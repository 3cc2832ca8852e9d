/** `smtp-router plugin new`: a complete plugin to begin with. */
import { relative, resolve } from 'node:path';
import { Command, Option } from 'commander';
import { LANGUAGES, type Language, TEMPLATES } from '../authoring/template.ts';
import type { CommandContext } from './command-context.ts';

interface NewOptions {
  readonly lang: Language;
  readonly name?: string;
  readonly json?: true;
}

const HELP = `
Writes a strategy with its test, cases for plugin test, and a README, into a folder that is empty or not there. What it
needs of the SDK comes along: nothing has to be published or checked out.

Examples:
  smtp-router plugin new --lang ts my-selector
  smtp-router plugin new --lang go plugins/cheapest --name cheapest`;

/** Exit 0 when the folder is written. */
export function pluginNewCommand(context: CommandContext): Command {
  return new Command('new')
    .description('write a complete plugin to begin with: strategy, test, cases, README')
    .argument('<folder>', 'folder to make')
    .addOption(new Option('--lang <language>', 'language').choices(LANGUAGES).makeOptionMandatory())
    .option('--name <name>', 'name of the plugin; default that of the folder')
    .option('--json', 'what was written as JSON')
    .addHelpText('after', HELP)
    .action((folder: string, options: NewOptions) => write(folder, options, context));
}

async function write(folder: string, options: NewOptions, { terminal }: CommandContext): Promise<void> {
  const { lang: language, name: wanted } = options;
  const { newPlugin } = await import('../authoring/new-plugin.ts');
  const place = resolve(folder);
  const name = await newPlugin({ language, folder: place, ...(wanted !== undefined && { name: wanted }) });
  const { title, next } = TEMPLATES[language];
  if (options.json) {
    terminal.out(JSON.stringify({ folder: place, name, language, next: next(name) }));
    return;
  }
  terminal.out(`${folder} is a plugin "${name}" in ${title}. Next:`);
  const here = relative(process.cwd(), place);
  for (const command of [...(here === '' ? [] : [`cd ${here}`]), ...next(name)]) terminal.out(`  ${command}`);
}
