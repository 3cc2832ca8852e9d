import type { LogLevel } from './log-level.ts';

/** One line a plugin logged, whatever form it had. */
export interface LogRecord {
  readonly level: LogLevel;
  readonly message: string;
  /** hclog's sub-logger name, when the record had one. */
  readonly module?: string;
  /** Everything else of the record in its order, nested values as JSON text. */
  readonly pairs: readonly LogPair[];
}

export type LogPair = readonly [key: string, value: string | number | boolean | null];
