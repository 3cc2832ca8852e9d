/** A plugin kept running: restarts, deadlines, health, no orphans. Knows nothing of what it serves. */
export type { PluginFailure } from './plugin-failure.ts';
export type { PluginStatus } from './plugin-status.ts';
export type { SupervisorEvent } from './supervisor-event.ts';
export type { SupervisorState } from './supervisor-state.ts';
