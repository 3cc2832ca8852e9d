import { connectTransport } from './connect-transport.ts';
import { launchPluginWith } from './launch-plugin-with.ts';
import type { PluginHost } from './plugin-host.ts';
import type { PluginLaunchOptions } from './plugin-launch-options.ts';

/**
 * Starts a plugin and connects to it, over net/rpc or gRPC as the plugin chooses. The caller owns the result and must `kill` it.
 *
 * @throws PluginError when no process could be started; PluginLaunchError, which carries the process's
 *   end and last words, when it ran but did not come up
 */
export function launchPlugin(options: PluginLaunchOptions): Promise<PluginHost> {
  return launchPluginWith(options, connectTransport);
}
