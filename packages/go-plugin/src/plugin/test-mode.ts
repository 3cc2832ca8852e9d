import type { ReattachConfig } from '../handshake/reattach-config.ts';

/** How a plugin is served that hosts reattach to, in a test or under a debugger (go-plugin server.go, ServeTestConfig). */
export interface TestMode {
  /** Called once, when hosts can connect. `formatReattachConfig` makes the JSON to hand over. */
  onServing(reattach: ReattachConfig): void;
  /** Aborted = stop serving; nothing else ends it, not even a host that says Quit. */
  readonly signal: AbortSignal;
}
