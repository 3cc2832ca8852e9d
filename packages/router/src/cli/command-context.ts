import type { ExitCode } from './exit-code.ts';
import type { Terminal } from './terminal.ts';

/** What every command gets: its streams, its process, and the way to say how it ended. */
export interface CommandContext {
  readonly terminal: Terminal;
  /** For signals and streams; commands that only ask and answer leave it alone. */
  readonly process: NodeJS.Process;
  /** Sets the exit code; the last word counts. */
  exitWith(code: ExitCode): void;
}
