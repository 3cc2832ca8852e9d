/** `smtp-router plugin`: the plugins of a running router. */
import { Command } from 'commander';
import type { ReloadResult } from '../control/control-message.ts';
import { askRouter } from '../control/control-request.ts';
import { formatReloadRequest, parseReloadResult } from '../control/reload-plugin.ts';
import { parseRouterStatus } from '../control/router-status.ts';
import type { CommandContext } from './command-context.ts';
import { configOption } from './config-option.ts';
import { controlSocketOf } from './control-socket.ts';
import { describeFailure } from './describe-error.ts';
import { EXIT } from './exit-code.ts';
import { pluginLines } from './plugin-lines.ts';

interface PluginOptions {
  readonly config: string;
  readonly json?: true;
}

const LIST_TIMEOUT_MS = 5000;

/** A start may be configured to take long; the router bounds every step by itself. */
const RELOAD_TIMEOUT_MS = 600_000;

/** Commands about plugins. */
export function pluginCommand(context: CommandContext): Command {
  return new Command('plugin')
    .description('list and replace the plugins of the running router')
    .addHelpText('after', '\nExample:\n  smtp-router plugin list -c config.yaml')
    .addCommand(listCommand(context))
    .addCommand(reloadCommand(context));
}

/** Exit 0 when a router answered. */
function listCommand(context: CommandContext): Command {
  return new Command('list')
    .description('show each plugin: process, checksum, failures, and why a new version was not put to use')
    .addOption(configOption())
    .option('--json', 'plugins as JSON')
    .addHelpText('after', '\nExample:\n  smtp-router plugin list -c config.yaml')
    .action((options: PluginOptions) => list(options, context));
}

/** Exit 0 when the new process decides, 1 when it does not and why. */
function reloadCommand(context: CommandContext): Command {
  return new Command('reload')
    .description('replace a plugin by its files as they are now; no message waits or fails because of it')
    .argument('<name>', 'name of the plugin, as plugin list shows it')
    .addOption(configOption())
    .option('--json', 'result as JSON')
    .addHelpText('after', '\nExample:\n  smtp-router plugin reload mine -c config.yaml')
    .action((name: string, options: PluginOptions) => reload(name, options, context));
}

async function list(options: PluginOptions, { terminal }: CommandContext): Promise<void> {
  const socketPath = controlSocketOf(options.config);
  const question = { method: 'GET', path: '/v1/status', timeoutMs: LIST_TIMEOUT_MS } as const;
  const { plugins } = parseRouterStatus(await askRouter({ socketPath, ...question }));
  if (options.json) terminal.out(JSON.stringify(plugins));
  else if (plugins.length === 0) terminal.out('no plugin is in use');
  else for (const line of plugins.flatMap(pluginLines)) terminal.out(line);
}

async function reload(name: string, options: PluginOptions, context: CommandContext): Promise<void> {
  const { terminal, exitWith } = context;
  const answer = await askRouter({
    socketPath: controlSocketOf(options.config),
    method: 'POST',
    path: '/v1/plugin/reload',
    body: formatReloadRequest(name),
    timeoutMs: RELOAD_TIMEOUT_MS,
  });
  const result = parseReloadResult(answer);
  if (result.kind !== 'swapped') exitWith(EXIT.failed);
  if (options.json) terminal.out(JSON.stringify(result));
  else if (result.kind === 'swapped') terminal.out(describe(name, result));
  else terminal.error(`${terminal.paintError('red', 'error:')} ${describe(name, result)}`);
}

function describe(name: string, result: ReloadResult): string {
  switch (result.kind) {
    case 'swapped': {
      const from = result.from === undefined ? '' : ` in place of ${result.from}`;
      const time = `${Math.round(result.durationMs)} ms`;
      return `plugin ${result.plugin} was replaced: process ${result.pid}${from}, after ${time}`;
    }
    case 'failed':
      return `plugin ${result.plugin} was not replaced: ${describeFailure(result.code, result.message)}`;
    case 'unknown':
      return `no plugin "${name}" is in use; in use are: ${result.known.join(', ') || 'none'}`;
  }
}
