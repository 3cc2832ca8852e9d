/** Runs an example as the router does, for its test. */
import { fileURLToPath } from 'node:url';
import { launchPlugin } from '@smtp-router/go-plugin/host';
import type { SelectReply, SelectRequest } from '@smtp-router/selector/contract';
import { openSelectorPlugin, SELECTOR_HANDSHAKE, SELECTOR_VERSIONS } from '@smtp-router/selector/host';

const START_TIMEOUT_MS = 30_000;
const CALL_TIMEOUT_MS = 10_000;

/** Asks the plugin about one message. */
export type Ask = (request: SelectRequest) => Promise<SelectReply>;

/** The file of a plugin, and what the operator configured for it. */
export interface Example {
  readonly file: URL;
  readonly config?: unknown;
}

/** Starts the plugin, configures it, and ends it after `use`. */
export async function withPlugin({ file, config }: Example, use: (ask: Ask) => Promise<void>): Promise<void> {
  const name = 'example';
  const plugin = await launchPlugin({
    name,
    command: process.execPath,
    args: [fileURLToPath(file)],
    handshake: SELECTOR_HANDSHAKE,
    versions: SELECTOR_VERSIONS,
    startTimeoutMs: START_TIMEOUT_MS,
  });
  try {
    const selector = await openSelectorPlugin(plugin, {
      name,
      tail: 'none',
      dispenseTimeoutMs: CALL_TIMEOUT_MS,
      settings: { json: config === undefined ? '' : JSON.stringify(config), locate: (path) => path },
    });
    await use((request) => selector.select(request, { timeoutMs: CALL_TIMEOUT_MS }));
  } finally {
    await plugin.kill();
  }
}

/** The downstreams of a reply that routes all recipients alike, in the order to try them. */
export function orderOf(reply: SelectReply): readonly string[] | undefined {
  return reply.kind === 'route' ? reply.routes[0]?.candidateIds : undefined;
}
