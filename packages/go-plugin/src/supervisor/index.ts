/** A plugin kept running: restarts, deadlines, health, swaps, no orphans. Knows nothing of what it serves. */
export type { Executable, PrepareExecutable } from './executable.ts';
export { ExecutableStore } from './executable-store.ts';
export { type ExpectedChecksum, expectChecksum } from './expect-checksum.ts';
export { FileWatch, type FileWatchOptions } from './file-watch.ts';
export { OrphanRegistry, type OrphanRegistryOptions } from './orphan-registry.ts';
export type { PluginFailure } from './plugin-failure.ts';
export type { PluginStatus } from './plugin-status.ts';
export { PluginSupervisor } from './plugin-supervisor.ts';
export type { LaunchPlugin, PluginSupervisorOptions } from './plugin-supervisor-options.ts';
export type { ProcessRegistry } from './process-registry.ts';
export type { RunCall } from './supervised-process.ts';
export type { SupervisorEvent } from './supervisor-event.ts';
export type { SupervisorState } from './supervisor-state.ts';
export type { SwapPhase, SwapResult, SwapStatus } from './swap-result.ts';
