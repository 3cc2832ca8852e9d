/** `smtp-router status`: what a running router is doing. */
import { Command } from 'commander';
import type { RouterStatus } from '../control/control-message.ts';
import { askRouter } from '../control/control-request.ts';
import { parseRouterStatus } from '../control/router-status.ts';
import type { CommandContext } from './command-context.ts';
import { configOption } from './config-option.ts';
import { controlSocketOf } from './control-socket.ts';
import { pluginLines } from './plugin-lines.ts';
import type { Terminal } from './terminal.ts';

interface StatusOptions {
  readonly config: string;
  readonly json?: true;
}

const ANSWER_TIMEOUT_MS = 5000;

/** Exit 0 when a router answered. */
export function statusCommand(context: CommandContext): Command {
  return new Command('status')
    .description('show listeners, plugins and downstreams of the running router')
    .addOption(configOption())
    .option('--json', 'status as JSON')
    .addHelpText('after', '\nExample:\n  smtp-router status -c config.yaml')
    .action((options: StatusOptions) => status(options, context));
}

async function status(options: StatusOptions, { terminal }: CommandContext): Promise<void> {
  const socketPath = controlSocketOf(options.config);
  const answer = await askRouter({
    socketPath,
    method: 'GET',
    path: '/v1/status',
    timeoutMs: ANSWER_TIMEOUT_MS,
  });
  if (options.json) terminal.out(JSON.stringify(answer));
  else print(parseRouterStatus(answer), terminal);
}

function print(status: RouterStatus, terminal: Terminal): void {
  const state = terminal.paint(status.state === 'serving' ? 'green' : 'yellow', status.state);
  terminal.out(
    `smtp-router ${status.version}, process ${status.pid}: ${state} since ${new Date(status.startedAt).toISOString()}`,
  );
  terminal.out(`listens on ${status.listeners.join(', ')}; health checks ${status.admin ?? 'off'}`);
  for (const plugin of status.plugins) {
    for (const line of pluginLines(plugin)) terminal.out(line);
  }
  for (const downstream of status.downstreams) {
    const latency = downstream.latencyMs === undefined ? '' : `, ${Math.round(downstream.latencyMs)} ms`;
    terminal.out(
      `downstream ${downstream.name} (${downstream.addr}): ${downstream.state}, ${downstream.inFlight} in flight${latency}`,
    );
  }
}
