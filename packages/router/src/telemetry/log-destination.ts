import pretty from 'pino-pretty';
import { BatchWriter } from './batch-writer.ts';

/** Where lines go. */
export interface LogDestination {
  /** One line of JSON with its end. */
  write(line: string): void;
  /** Writes what is buffered, soon. */
  flush(): void;
  /**
   * Settles when what is buffered is written, or cannot be. Never waits for a reader longer than
   * a second: the last thing a process does.
   */
  drained(): Promise<void>;
}

const STANDARD_OUTPUT = 1;
/** Lines wait until so much is there: what readers of logs take at once … */
const BATCH_BYTES = 16 * 1_024;
/** … or so long; lines of warnings and errors do not wait, nor lines for people. */
const FLUSH_AFTER_MS = 100;
/** A reader that does not read does not hold up the end of the process longer than this. */
const DRAIN_LIMIT_MS = 1_000;
/** More than this is dropped: when the disk is full or nobody reads, mail goes on without logs. */
const MAX_PENDING_BYTES = 8 * 1_024 * 1_024;

/**
 * Standard output, buffered, as JSON lines or in colours for people. A reader that went away, a full
 * disk: nothing that happens to the log harms the router. What is buffered is written at exit.
 */
export function standardOutput(format: 'json' | 'pretty'): LogDestination {
  const output = new BatchWriter({
    fd: STANDARD_OUTPUT,
    batchBytes: format === 'json' ? BATCH_BYTES : 0,
    delayMs: FLUSH_AFTER_MS,
    maxPendingBytes: MAX_PENDING_BYTES,
  });
  return format === 'json' ? new BufferedLog(output) : new BufferedLog(output, forPeople());
}

type Render = (line: string) => string;

function forPeople(): Render {
  const colours = pretty.prettyFactory({
    colorize: true,
    translateTime: 'SYS:HH:MM:ss.l',
    singleLine: true,
    ignore: 'event,attempts,routes,recipients,reply,session_id,selection_ms,decided_by,recipient_count',
  });
  return (line) => colours(line);
}

class BufferedLog implements LogDestination {
  readonly #output: BatchWriter;
  readonly #render: Render | undefined;

  constructor(output: BatchWriter, render?: Render) {
    this.#output = output;
    this.#render = render;
  }

  write(line: string): void {
    this.#output.write(this.#render === undefined ? line : this.#render(line));
  }

  flush(): void {
    this.#output.flush();
  }

  drained(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, DRAIN_LIMIT_MS);
    void this.#output.drained().then(() => {
      clearTimeout(timer);
      resolve();
    });
    return promise;
  }
}
