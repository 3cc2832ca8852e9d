import type { PluginError } from '../errors.ts';

/**
 * What processes of a plugin are started from: its files in one state. A supervisor that was given one
 * disposes of it when no process runs from it and none will.
 */
export interface Executable {
  /** A private copy, run in place of the command of the launch; absent = that command itself is run. */
  readonly copy?: string;
  /** Hexadecimal: of the copy, or of the files as they were when it was prepared. */
  readonly sha256?: string;
  /** Why the original is run although a copy was wanted (`PLUGIN_NOT_COPIED`). */
  readonly warning?: PluginError;
  /** Never rejects. */
  dispose(): Promise<void>;
}

/** Looks at the files of a plugin as they are now; rejects with a `PluginError` when there is nothing to start. */
export type PrepareExecutable = () => Promise<Executable>;

/** The command of the launch, of which nothing is known. */
export const ORIGINAL: Executable = { dispose: () => Promise.resolve() };
