import type { PluginProcessRecord } from '../host/plugin-launch-options.ts';

/** Where a supervisor notes its processes, so that they can be found after the host died. Neither method rejects. */
export interface ProcessRegistry {
  /** Settles when the record is safe. */
  add(record: PluginProcessRecord): Promise<void>;
  /** The process is known to be gone. */
  remove(pid: number): Promise<void>;
}
