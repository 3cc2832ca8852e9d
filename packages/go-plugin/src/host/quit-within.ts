import type { Clock } from '../clock.ts';
import type { PluginConnection } from '../transport/plugin-connection.ts';
import { within } from './within.ts';

/** How long the plugin may take to answer Quit. go-plugin waits for ever. */
const QUIT_MS = 1000;

/** From Quit to the first signal (go-plugin client.go, Kill: 2 s). */
export const GRACE_MS = 2000;

/** Asks the plugin to end. The answer is often lost with the plugin, so no failure counts. */
export async function quitWithin(
  connection: PluginConnection,
  gone: Promise<unknown>,
  clock: Clock,
): Promise<void> {
  const quit = connection.quit({ timeoutMs: QUIT_MS }).catch(() => undefined);
  await within(Promise.race([quit, gone]), QUIT_MS, clock);
}
