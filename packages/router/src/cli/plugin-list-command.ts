/** `smtp-router plugin list`: the plugins of a running router. */
import { Command } from 'commander';
import { askRouter } from '../control/control-request.ts';
import { parseRouterStatus } from '../control/router-status.ts';
import type { CommandContext } from './command-context.ts';
import { configOption } from './config-option.ts';
import { controlSocketOf } from './control-socket.ts';
import { pluginLines } from './plugin-lines.ts';

interface ListOptions {
  readonly config: string;
  readonly json?: true;
}

const LIST_TIMEOUT_MS = 5000;

/** Exit 0 when a router answered. */
export function pluginListCommand(context: CommandContext): Command {
  return new Command('list')
    .description('show each plugin: process, checksum, failures, and why a new version was not put to use')
    .addOption(configOption())
    .option('--json', 'plugins as JSON')
    .addHelpText('after', '\nExample:\n  smtp-router plugin list -c config.yaml')
    .action((options: ListOptions) => list(options, context));
}

async function list(options: ListOptions, { terminal }: CommandContext): Promise<void> {
  const socketPath = controlSocketOf(options.config);
  const question = { method: 'GET', path: '/v1/status', timeoutMs: LIST_TIMEOUT_MS } as const;
  const { plugins } = parseRouterStatus(await askRouter({ socketPath, ...question }));
  if (options.json) terminal.out(JSON.stringify(plugins));
  else if (plugins.length === 0) terminal.out('no plugin is in use');
  else for (const line of plugins.flatMap(pluginLines)) terminal.out(line);
}
