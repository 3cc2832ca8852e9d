/** `smtp-router serve`: runs a router in the foreground until a signal ends it. */
import { Command, InvalidArgumentError } from 'commander';
import { formatProblem } from '../config/config-problem.ts';
import { type HostPort, parseHostPort } from '../config/host-port.ts';
import { loadConfig } from '../config/load-config.ts';
import { RouterError } from '../errors.ts';
import type { RouterHandle } from '../router.ts';
import type { CommandContext } from './command-context.ts';
import { configOption } from './config-option.ts';
import { describeFailure } from './describe-error.ts';
import { reportProblems } from './report-error.ts';
import { StopSignals } from './stop-signals.ts';

interface ServeOptions {
  readonly config: string;
  readonly listen?: HostPort;
  readonly strict?: true;
}

/** Exit 0 after a drain, 75 when an address or the state_dir is taken, 78 for configuration. */
export function serveCommand(context: CommandContext): Command {
  return new Command('serve')
    .description('run the router in the foreground; SIGTERM or SIGINT ends it after running transactions')
    .addOption(configOption())
    .option('--listen <address>', 'listen here instead of the addresses of the file', parseListen)
    .option('--strict', 'end when a plugin does not come up, instead of serving by on_failure')
    .addHelpText('after', '\nExample:\n  smtp-router serve -c config.yaml --listen 127.0.0.1:2525')
    .action((options: ServeOptions) => serve(options, context));
}

function parseListen(text: string): HostPort {
  const parsed = parseHostPort(text);
  if (typeof parsed === 'string') throw new InvalidArgumentError(parsed);
  return parsed;
}

async function serve(options: ServeOptions, context: CommandContext): Promise<void> {
  const { listen } = options;
  const result = loadConfig(options.config, listen === undefined ? {} : { listen });
  if (result.kind === 'bad') {
    context.exitWith(reportProblems(result.problems, context.terminal));
    return;
  }
  for (const warning of result.warnings) warn(formatProblem(warning), context);
  const signals = new StopSignals(context);
  try {
    // Commands that need no router start faster without one.
    const { startRouter } = await import('../router.ts');
    const router = await startRouter(result.config);
    await requirePlugins(router, options, context);
    announce(router, context);
    await signals.untilClosed(router);
  } finally {
    signals.release();
  }
}

/** Plugins that are not up are said aloud; with --strict they end the router. */
async function requirePlugins(
  router: RouterHandle,
  options: ServeOptions,
  context: CommandContext,
): Promise<void> {
  const failed = pluginsThatFailed(router);
  const outlook = options.strict ? '' : '. Mail goes on by on_failure, starts are repeated.';
  for (const message of failed) warn(`${message}${outlook}`, context);
  if (!options.strict || failed.length === 0) return;
  await router.drain();
  throw new RouterError('ROUTER_PLUGIN_NOT_READY', 'The router stops, as --strict asks');
}

/** One sentence for each plugin that is not up after its first start. */
function pluginsThatFailed(router: RouterHandle): readonly string[] {
  return router
    .status()
    .plugins.filter((plugin) => plugin.state !== 'ready')
    .map(({ name, state, lastFailure }) => {
      const reason =
        lastFailure === undefined ? state : describeFailure(lastFailure.code, lastFailure.message);
      return `Plugin "${name}" is not running: ${reason}`;
    });
}

function announce(router: RouterHandle, { terminal }: CommandContext): void {
  const { listeners, admin } = router.addresses;
  const health = admin === undefined ? '' : `; http://${admin}/readyz`;
  terminal.error(`smtp-router listens on ${listeners.join(', ')}${health}`);
}

function warn(message: string, { terminal }: CommandContext): void {
  terminal.error(`${terminal.paintError('yellow', 'warning:')} ${message}`);
}
