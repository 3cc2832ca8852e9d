/**
 * A plugin's stderr as log records, line after line. It remembers one thing between lines: after a
 * `panic: ` or `fatal error: ` line, lines without a level of their own belong to the block a dying Go
 * program prints; they are errors, and the block is kept for the failure report (go-plugin client.go,
 * logStderr since 1.7.0).
 */
import type { LinePiece } from './line-splitter.ts';
import type { LogRecord } from './log-record.ts';
import { parseLogLine } from './parse-log-line.ts';

/** Kept of a panic: enough for the panicking goroutine and many others. */
const DEFAULT_MAX_PANIC_CHARACTERS = 65_536;

const PANIC_START = /^(?:panic: |fatal error: )/;

export class LogReader {
  readonly #maxPanicCharacters: number;
  readonly #decoder = new TextDecoder();
  /** The block so far; undefined until a panic is seen. */
  #panic: string | undefined;

  constructor(options: { readonly maxPanicCharacters?: number } = {}) {
    this.#maxPanicCharacters = options.maxPanicCharacters ?? DEFAULT_MAX_PANIC_CHARACTERS;
  }

  /** The panic block seen so far, without its last line end. */
  get panic(): string | undefined {
    return this.#panic;
  }

  /** The record of a line or a piece of an overlong one; undefined for an empty line. */
  read(piece: LinePiece): LogRecord | undefined {
    const text = this.#decoder.decode(piece.bytes);
    const record = piece.position === 'whole' ? parseLogLine(text) : undefined;
    return record ?? this.#readPlain(text);
  }

  #readPlain(text: string): LogRecord | undefined {
    if (this.#panic !== undefined) this.#append(text);
    else if (PANIC_START.test(text)) this.#panic = text.slice(0, this.#maxPanicCharacters);
    if (text === '') return undefined;
    return { level: this.#panic === undefined ? 'debug' : 'error', message: text, pairs: [] };
  }

  #append(text: string): void {
    const room = this.#maxPanicCharacters - (this.#panic?.length ?? 0);
    if (room > 0) this.#panic += `\n${text}`.slice(0, room);
  }
}
