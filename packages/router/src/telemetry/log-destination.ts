import pino from 'pino';
import pretty from 'pino-pretty';

/** Where lines go. */
export interface LogDestination {
  write(line: string): void;
  /** Writes what is buffered, soon. */
  flush(): void;
  /**
   * Settles when what is buffered is written, or cannot be. Never waits for a reader longer than
   * a second: the last thing a process does.
   */
  drained(): Promise<void>;
}

/** Lines wait until so much is there … */
const BUFFER_BYTES = 4_096;
/** … or so long; lines of warnings and errors do not wait. */
const FLUSH_EVERY_MS = 250;
/** A reader that does not read does not hold up the end of the process longer than this. */
const DRAIN_LIMIT_MS = 1_000;
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

  /**
   * Not `flushSync`: that tries a broken pipe again for ever. The asynchronous way learns of it, and
   * the stream is silent from then on.
   */
  drained(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, DRAIN_LIMIT_MS);
      const settle = (): void => {
        clearTimeout(timer);
        resolve();
      };
      this.#stream.once('error', settle);
      this.#stream.flush(settle);
    });
  }
}
