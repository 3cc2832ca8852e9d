import type { Readable } from 'node:stream';

/** How processes are started and ended on one platform (go-plugin runner/runner.go). */
export interface Runner {
  /**
   * Starts the command in a group of its own, stdin empty. Rejects with a `PluginError` that names
   * the file and what to do: `PLUGIN_FILE_NOT_FOUND`, `PLUGIN_FILE_NOT_EXECUTABLE`,
   * `PLUGIN_FILE_FORMAT`, `PLUGIN_FILE_BUSY`, `PLUGIN_COMMAND_INVALID`, `PLUGIN_SPAWN_FAILED`.
   */
  start(command: RunnerCommand): Promise<RunningProcess>;
}

export interface RunnerCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly workingDirectory: string | undefined;
  /** The whole environment of the child. */
  readonly environment: Readonly<Record<string, string>>;
}

/** A process that runs or ran. Its owner must read both streams to the end. */
export interface RunningProcess {
  readonly pid: number;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Settles when the process is gone, which may be before its streams end; never rejects. */
  readonly exited: Promise<ProcessExit>;
  /** Asks the whole group to end (SIGTERM). Nothing happens once the process is gone. */
  terminate(): void;
  /** Ends the whole group (SIGKILL). Nothing happens once the process is gone. */
  kill(): void;
}

export interface ProcessExit {
  readonly status: number | null;
  readonly signal: string | null;
}
