import pino from 'pino';
import type { EventSink } from '../events/event-sink.ts';
import type { RouterEvent } from '../events/router-event.ts';
import { type LogDestination, standardOutput } from './log-destination.ts';
import { type LogLevel, logLineOf } from './log-line.ts';
import { type AddressDisplay, LogPrivacy } from './log-privacy.ts';
import { LogThrottle } from './log-throttle.ts';

/** How to log. */
export interface LogSinkOptions {
  readonly level: LogLevel;
  /** `auto` = for people on a terminal, JSON lines elsewhere. */
  readonly format: 'auto' | 'json' | 'pretty';
  readonly addresses: AddressDisplay;
  /**
   * Secrets of the configuration in use now; they are taken out of whatever others wrote. Asked for
   * each text: answers the same array as long as nothing changed.
   */
  readonly secrets?: () => readonly string[];
  /** Default standard output. */
  readonly destination?: LogDestination;
  /** Milliseconds, never going back; for the throttle. Default the machine's. */
  readonly now?: () => number;
}

/** Writes one line for each event. */
export interface LogSink extends EventSink {
  /** Settles when every line so far is written, or cannot be. */
  drained(): Promise<void>;
}

/** The log of the router: events in, lines out. */
export function createLogSink(options: LogSinkOptions): LogSink {
  const destination = options.destination ?? standardOutput(formatOf(options.format));
  const logger = pino(
    {
      level: options.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination,
  );
  const privacy = new LogPrivacy(options);
  const throttle = new LogThrottle(options.now ?? (() => performance.now()));
  return {
    emit(event) {
      if (!logger.isLevelEnabled(leastLevelOf(event))) return;
      const line = logLineOf(event, privacy);
      if (!logger.isLevelEnabled(line.level)) return;
      const suppressed = throttle.admit(event.kind);
      if (suppressed === undefined) return;
      const count = suppressed === 0 ? {} : { suppressed };
      logger[line.level]({ event: event.kind, ...line.fields, ...count }, line.message);
      if (line.level === 'warn' || line.level === 'error') destination.flush();
    },
    drained: () => destination.drained(),
  };
}

function formatOf(format: LogSinkOptions['format']): 'json' | 'pretty' {
  if (format !== 'auto') return format;
  return process.stdout.isTTY ? 'pretty' : 'json';
}

/** The level an event may reach at most: spares the work for lines nobody wants. */
function leastLevelOf(event: RouterEvent): LogLevel {
  switch (event.kind) {
    case 'session-opened':
    case 'session-closed':
    case 'selection-ended':
    case 'attempt-ended':
      return 'debug';
    default:
      return 'error';
  }
}
