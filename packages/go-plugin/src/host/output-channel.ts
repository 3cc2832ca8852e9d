/**
 * One stream of a plugin's output, cut into lines within a rate. Beyond the rate bytes are counted and
 * thrown away unseen: a plugin that floods costs its reader almost nothing, and it never blocks.
 */
import type { Clock } from '../clock.ts';
import { type LinePiece, LineSplitter } from '../hclog/line-splitter.ts';

export interface OutputChannelOptions {
  readonly clock: Clock;
  readonly onPiece: (piece: LinePiece) => void;
  /** Told once a flood is over, or has lasted for a second. */
  readonly onDropped: (bytes: number) => void;
  /** Budget of one second; default 1 MiB. */
  readonly maxBytesPerSecond?: number;
}

const WINDOW_MS = 1000;

/** What a line costs beside its bytes, so that floods of tiny lines are floods too. */
const LINE_COST_BYTES = 128;

const LF = 0x0a;

export class OutputChannel {
  readonly #clock: Clock;
  readonly #onPiece: (piece: LinePiece) => void;
  readonly #onDropped: (bytes: number) => void;
  readonly #maxBytesPerSecond: number;
  readonly #splitter = new LineSplitter();
  #windowStart: number;
  #spentBytes = 0;
  #droppedBytes = 0;
  /** True from the first dropped byte until a line end was passed again. */
  #isMidLine: boolean = false;

  constructor(options: OutputChannelOptions) {
    this.#clock = options.clock;
    this.#onPiece = options.onPiece;
    this.#onDropped = options.onDropped;
    this.#maxBytesPerSecond = options.maxBytesPerSecond ?? 1024 * 1024;
    this.#windowStart = options.clock.now();
  }

  push(chunk: Uint8Array): void {
    this.#openWindow();
    if (this.#spentBytes >= this.#maxBytesPerSecond) this.#drop(chunk);
    else this.#read(chunk);
  }

  /** Tells the end of the stream. */
  end(): void {
    this.#give(this.#splitter.end());
    this.#reportDropped();
  }

  #openWindow(): void {
    const now = this.#clock.now();
    if (now - this.#windowStart < WINDOW_MS) return;
    this.#windowStart = now;
    this.#spentBytes = 0;
    this.#reportDropped();
  }

  #drop(chunk: Uint8Array): void {
    if (!this.#isMidLine) this.#give(this.#splitter.end());
    this.#isMidLine = true;
    this.#droppedBytes += chunk.length;
  }

  #read(chunk: Uint8Array): void {
    this.#spentBytes += chunk.length;
    const rest = this.#isMidLine ? this.#skipLine(chunk) : chunk;
    this.#give(this.#splitter.push(rest));
  }

  #skipLine(chunk: Uint8Array): Uint8Array {
    const lineEnd = chunk.indexOf(LF);
    this.#isMidLine = lineEnd === -1;
    const skipped = lineEnd === -1 ? chunk.length : lineEnd + 1;
    this.#droppedBytes += skipped;
    return chunk.subarray(skipped);
  }

  #give(pieces: readonly LinePiece[]): void {
    this.#spentBytes += pieces.length * LINE_COST_BYTES;
    for (const piece of pieces) this.#onPiece(piece);
  }

  #reportDropped(): void {
    if (this.#droppedBytes > 0) this.#onDropped(this.#droppedBytes);
    this.#droppedBytes = 0;
  }
}
