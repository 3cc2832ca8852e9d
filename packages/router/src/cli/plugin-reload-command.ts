/** `smtp-router plugin reload`: replaces a plugin of a running router. */
import { Command } from 'commander';
import type { ReloadResult } from '../control/control-message.ts';
import { askRouter } from '../control/control-request.ts';
import { formatReloadRequest, parseReloadResult } from '../control/reload-plugin.ts';
import type { CommandContext } from './command-context.ts';
import { configOption } from './config-option.ts';
import { controlSocketOf } from './control-socket.ts';
import { describeFailure } from './describe-error.ts';
import { EXIT } from './exit-code.ts';

interface ReloadOptions {
  readonly config: string;
  readonly json?: true;
}

/** A start may be configured to take long; the router bounds every step by itself. */
const RELOAD_TIMEOUT_MS = 600_000;

/** Exit 0 when the new process decides, 1 when it does not and why. */
export function pluginReloadCommand(context: CommandContext): Command {
  return new Command('reload')
    .description('replace a plugin by its files as they are now; no message waits or fails because of it')
    .argument('<name>', 'name of the plugin, as plugin list shows it')
    .addOption(configOption())
    .option('--json', 'result as JSON')
    .addHelpText('after', '\nExample:\n  smtp-router plugin reload mine -c config.yaml')
    .action((name: string, options: ReloadOptions) => reload(name, options, context));
}

async function reload(name: string, options: ReloadOptions, context: CommandContext): Promise<void> {
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
