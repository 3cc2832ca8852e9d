import pino from 'pino';
import pretty from 'pino-pretty';

/** Where lines go. */
export interface LogDestination {
  write(line: string): void;
  /** Writes what is buffered, soon. */
  flush(): void;
  /** Writes what is buffered before it returns: the last thing a process does. */
  flushSync(): void;
}

/** Lines wait until so much is there … */
const BUFFER_BYTES = 4_096;
/** … or so long; lines of warnings and errors do not wait. */
const FLUSH_EVERY_MS = 250;
/** More than this is dropped: when the disk is full or nobody reads, mail goes on without logs. */
const MAX_PENDING_BYTES = 8 * 1_024 * 1_024;

/**
 * Standard output, buffered, as JSON lines or in colours for people. A reader that went away, a full
 * disk: nothing that happens to the log harms the router. What is buffered is written at exit.
 */
export function standardOutput(format: 'json' | 'pretty'): LogDestination {
  const output = pino.destination({
    dest: 1,
    sync: false,
    minLength: format === 'json' ? BUFFER_BYTES : 0,
    periodicFlush: FLUSH_EVERY_MS,
    maxLength: MAX_PENDING_BYTES,
  });
  output.on('error', () => {});
  if (format === 'json') return new QuietDestination(output);
  const colours = pretty.prettyFactory({
    colorize: true,
    translateTime: 'SYS:HH:MM:ss.l',
    singleLine: true,
    ignore: 'event,attempts,routes,recipients,reply,session_id,selection_ms,decided_by,recipient_count',
  });
  return new QuietDestination(output, (line) => colours(line));
}

type FlushableStream = ReturnType<typeof pino.destination>;

/** A destination that cannot throw. */
class QuietDestination implements LogDestination {
  readonly #stream: FlushableStream;
  readonly #render: (line: string) => string;

  constructor(stream: FlushableStream, render: (line: string) => string = (line) => line) {
    this.#stream = stream;
    this.#render = render;
  }

  write(line: string): void {
    this.#stream.write(this.#render(line));
  }

  flush(): void {
    this.#stream.flush();
  }

  flushSync(): void {
    try {
      this.#stream.flushSync();
    } catch {
      // The reader is gone: there is nobody to tell.
    }
  }
}
