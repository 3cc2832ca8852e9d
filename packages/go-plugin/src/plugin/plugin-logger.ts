/** Logging from inside a plugin: hclog records on the real stderr, where every host expects them. */
import { formatLogRecord, type LogPairs } from '../hclog/format-log-record.ts';
import { LOG_LEVELS, type LogLevel } from '../hclog/log-level.ts';
import { writeRealStderr } from './real-streams.ts';

/** One method a level; `pairs` are key and value beside the message. None of them throws. */
export type PluginLogger = Readonly<Record<LogLevel, (message: string, pairs?: LogPairs) => void>>;

export interface PluginLoggerOptions {
  /** hclog's module name. */
  readonly module?: string;
  /** Least level written; default trace, since hosts filter. */
  readonly level?: LogLevel;
}

/** A logger that may be used before, while and after the plugin serves. */
export function createPluginLogger(options: PluginLoggerOptions = {}): PluginLogger {
  const least = LOG_LEVELS.indexOf(options.level ?? 'trace');
  const method = (level: LogLevel) => (message: string, pairs?: LogPairs) => {
    if (LOG_LEVELS.indexOf(level) < least) return;
    const { module } = options;
    const entry = {
      level,
      message,
      time: Date.now(),
      ...(module !== undefined && { module }),
      ...(pairs && { pairs }),
    };
    writeRealStderr(formatLogRecord(entry));
  };
  return {
    trace: method('trace'),
    debug: method('debug'),
    info: method('info'),
    warn: method('warn'),
    error: method('error'),
  };
}
