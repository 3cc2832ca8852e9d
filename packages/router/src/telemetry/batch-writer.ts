import { Buffer } from 'node:buffer';
import { write, writeSync } from 'node:fs';

/** How to batch. */
export interface BatchWriterOptions {
  /** Stays the caller's, who never closes it. */
  readonly fd: number;
  /** Bytes that are written without waiting longer; 0 = each write at once. */
  readonly batchBytes: number;
  /** Milliseconds after which fewer bytes are written too. */
  readonly delayMs: number;
  /** Bytes that wait at most; what comes then is dropped. */
  readonly maxPendingBytes: number;
}

/** Bytes gathered in one piece; a longer write gets a piece of its own. */
const PIECE_BYTES = 64 * 1_024;
/** UTF-8 needs at most so many bytes for a unit of a string. */
const MAX_BYTES_PER_UNIT = 3;
/** Milliseconds until a write that failed is tried again. */
const RETRY_MS = 50;
/** At exit nothing else can be done meanwhile: a write is tried again after so long … */
const EXIT_PAUSE_MS = 50;
/** … and so often, for about a second. */
const EXIT_TRIES = 20;
/** Errors after which nobody will ever read what is written. */
const LOST: ReadonlySet<string | undefined> = new Set(['EPIPE', 'EBADF', 'EINVAL']);

/** Bytes of several writes, one after the other. */
interface Piece {
  readonly bytes: Buffer;
  filled: number;
  /** How many of the filled ones are written. */
  written: number;
}

/**
 * Writes to a file descriptor in batches, one after the other, without ever blocking or throwing. What
 * cannot be written now is tried again, up to a limit of bytes; a reader that is gone ends all. What is
 * pending when the process exits, however that comes, is written then.
 */
export class BatchWriter {
  readonly #options: BatchWriterOptions;
  /** Takes what comes. */
  #piece = emptyPiece(PIECE_BYTES);
  /** A piece that was written and may be filled again. */
  #spare: Piece | undefined;
  /** Pieces that took all they can, the oldest first. */
  #full: Piece[] = [];
  /** Being written; undefined whenever no write runs and none is to be tried again. */
  #current: Piece | undefined;
  /** The next write begins before this turn of the event loop ends. */
  #isStarting: boolean = false;
  /** A call of the system has not answered. */
  #isInFlight: boolean = false;
  /** Everything that is pending is wanted, whatever runs now. */
  #isFlushing: boolean = false;
  /** All that is not written. */
  #pendingBytes = 0;
  #isLost: boolean = false;
  /** Set while bytes wait for more; does not keep the process alive. */
  #waiting: NodeJS.Timeout | undefined;
  /** The last time a write was put off; keeps the process alive only for those who wait. */
  #retry: NodeJS.Timeout | undefined;
  #drained: (() => void)[] = [];

  constructor(options: BatchWriterOptions) {
    this.#options = options;
  }

  /** Takes a text; in UTF-8 it becomes part of the next batch. */
  write(text: string): void {
    const maxBytes = text.length * MAX_BYTES_PER_UNIT;
    if (this.#isLost || this.#pendingBytes + maxBytes > this.#options.maxPendingBytes) return;
    if (this.#pendingBytes === 0) process.on('exit', this.#onExit);
    if (this.#piece.filled + maxBytes > this.#piece.bytes.length) this.#changePiece(maxBytes);
    const piece = this.#piece;
    const bytes = piece.bytes.write(text, piece.filled);
    piece.filled += bytes;
    this.#pendingBytes += bytes;
    if (piece.filled >= this.#options.batchBytes) this.flush();
    else this.#waiting ??= setTimeout(this.#onTime, this.#options.delayMs).unref();
  }

  /** Begins to write what is pending. */
  flush(): void {
    if (this.#pendingBytes === 0) return;
    this.#isFlushing = true;
    if (this.#isStarting || this.#current !== undefined) return;
    this.#isStarting = true;
    setImmediate(this.#onTurn);
  }

  /** Settles when nothing is pending any more, or when a write failed. */
  drained(): Promise<void> {
    if (this.#pendingBytes === 0) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#drained.push(resolve);
    this.#retry?.ref();
    this.flush();
    return promise;
  }

  /** The oldest piece; the one that is being filled ends what was to be flushed. */
  #writeNext(): void {
    if (this.#full.length === 0) {
      this.#changePiece(0);
      this.#isFlushing = false;
    }
    this.#current = this.#full.shift();
    this.#writeOn();
  }

  /** Puts the piece among the full ones; the next one has room for so many bytes. */
  #changePiece(neededBytes: number): void {
    if (this.#piece.filled > 0) this.#full.push(this.#piece);
    this.#piece =
      (neededBytes <= PIECE_BYTES && this.#spare) || emptyPiece(Math.max(neededBytes, PIECE_BYTES));
    if (this.#piece === this.#spare) this.#spare = undefined;
  }

  /** What is written in one turn goes out together; and an exit in that turn finds no write in flight. */
  readonly #onTurn = (): void => {
    this.#isStarting = false;
    if (this.#pendingBytes > 0) this.#writeNext();
  };

  readonly #onTime = (): void => {
    this.#waiting = undefined;
    this.flush();
  };

  readonly #writeOn = (): void => {
    if (this.#current === undefined) return;
    const { bytes, filled, written } = this.#current;
    this.#isInFlight = true;
    write(this.#options.fd, bytes, written, filled - written, null, this.#onWritten);
  };

  readonly #onWritten = (error: NodeJS.ErrnoException | null, writtenBytes: number): void => {
    this.#isInFlight = false;
    if (error !== null) {
      this.#onFailure(error);
      return;
    }
    this.#advance(writtenBytes);
    if (this.#current !== undefined) this.#writeOn();
    else if (this.#pendingBytes === 0) this.#settle();
    else if (this.#isFlushing || this.#full.length > 0) this.#writeNext();
  };

  #advance(writtenBytes: number): void {
    const piece = this.#current;
    this.#pendingBytes -= writtenBytes;
    if (this.#pendingBytes === 0) process.off('exit', this.#onExit);
    if (piece === undefined) return;
    piece.written += writtenBytes;
    if (piece.written < piece.filled) return;
    this.#current = undefined;
    piece.filled = 0;
    piece.written = 0;
    if (piece.bytes.length === PIECE_BYTES) this.#spare = piece;
  }

  #onFailure(error: NodeJS.ErrnoException): void {
    if (LOST.has(error.code)) this.#lose();
    else this.#retry = setTimeout(this.#writeOn, RETRY_MS).unref();
    this.#settle();
  }

  #lose(): void {
    this.#isLost = true;
    this.#current = undefined;
    this.#full = [];
    this.#pendingBytes = 0;
    process.off('exit', this.#onExit);
  }

  #settle(): void {
    const waiting = this.#drained;
    this.#drained = [];
    for (const settle of waiting) settle();
  }

  /**
   * Another thread writes what is in flight, and the process does not end before; the pause keeps it in
   * front. The rest is written here.
   */
  readonly #onExit = (): void => {
    if (this.#isInFlight) {
      this.#current = undefined;
      pause(EXIT_PAUSE_MS);
    }
    if (this.#piece.filled > 0) this.#full.push(this.#piece);
    const pieces = this.#current === undefined ? this.#full : [this.#current, ...this.#full];
    let tries = EXIT_TRIES;
    for (const { bytes, filled, written } of pieces) {
      let at = written;
      while (at < filled && tries > 0) {
        const result = this.#tryNow(bytes.subarray(at, filled));
        if (result === 'lost') return;
        if (result === 0) tries -= 1;
        at += result;
      }
    }
  };

  /** How many bytes were written; none, after a pause, when it cannot be now. */
  #tryNow(bytes: Uint8Array): number | 'lost' {
    try {
      return writeSync(this.#options.fd, bytes);
    } catch (error) {
      if (LOST.has((error as NodeJS.ErrnoException).code)) return 'lost';
      pause(EXIT_PAUSE_MS);
      return 0;
    }
  }
}

/** Holds up the whole thread. */
function pause(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

function emptyPiece(sizeBytes: number): Piece {
  return { bytes: Buffer.allocUnsafeSlow(sizeBytes), filled: 0, written: 0 };
}
