import type { EventSink } from '../events/event-sink.ts';
import type { MessageEnded, RouterEvent } from '../events/router-event.ts';
import { LogClock } from './log-clock.ts';
import { type LogDestination, standardOutput } from './log-destination.ts';
import { isLogged, type LogLevel, logLevelOf } from './log-level.ts';
import { logLineOf } from './log-line.ts';
import { type AddressDisplay, LogPrivacy } from './log-privacy.ts';
import { LogThrottle } from './log-throttle.ts';
import { messageFields } from './message-line.ts';

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
  const clock = new LogClock(Date.now);
  const privacy = new LogPrivacy(options);
  const throttle = new LogThrottle(options.now ?? (() => performance.now()));
  return {
    emit(event) {
      const level = logLevelOf(event);
      if (!isLogged(level, options.level)) return;
      const suppressed = throttle.admit(event.kind);
      if (suppressed === undefined) return;
      const fields =
        event.kind === 'message-ended' ? messageFields(event, privacy) : fieldsOf(event, suppressed, privacy);
      const head = `{"level":"${level}","time":"${clock.text()}","event":"${event.kind}",`;
      destination.write(`${head}${fields}}\n`);
      if (level === 'warn' || level === 'error') destination.flush();
    },
    drained: () => destination.drained(),
  };
}

/** Fields of the kinds of event that come seldom, without the braces around them. */
function fieldsOf(
  event: Exclude<RouterEvent, MessageEnded>,
  suppressed: number,
  privacy: LogPrivacy,
): string {
  const { fields, message } = logLineOf(event, privacy);
  const own = JSON.stringify(fields).slice(1, -1);
  const count = suppressed === 0 ? '' : `,"suppressed":${suppressed}`;
  return `${own}${count},"msg":${JSON.stringify(message)}`;
}

function formatOf(format: LogSinkOptions['format']): 'json' | 'pretty' {
  if (format !== 'auto') return format;
  return process.stdout.isTTY ? 'pretty' : 'json';
}
