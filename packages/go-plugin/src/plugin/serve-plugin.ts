import './hold-stdout.ts';
import type { PluginServeConfig } from './plugin-serve-config.ts';
import { servePluginInTestModeWith, servePluginWith } from './serve-plugin-with.ts';
import { openTransport } from './served-transport.ts';
import type { TestMode } from './test-mode.ts';

/**
 * Serves a plugin, over net/rpc or gRPC as the version agreed upon has it, until its host says Quit, its parent is gone or SIGTERM comes; then it
 * settles, and the process exits half a second later whatever it still has open. Call it last in the
 * plugin's main file, and import it first, so that nothing the others print gets before the handshake.
 *
 * Run by hand instead of by a host it says so on stderr and exits with status 1.
 */
export function servePlugin(config: PluginServeConfig): Promise<void> {
  return servePluginWith(config, openTransport);
}

/**
 * Serves a plugin for hosts that reattach to it, in a test or under a debugger. Settles once `test.signal` is
 * aborted; the process goes on. Rejects with `PluginError`.
 */
export function servePluginInTestMode(config: PluginServeConfig, test: TestMode): Promise<void> {
  return servePluginInTestModeWith(config, test, openTransport);
}
