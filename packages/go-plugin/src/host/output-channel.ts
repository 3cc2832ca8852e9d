/**
 * One stream of a plugin's output, cut into lines within a rate. Beyond the rate bytes are counted and
 * thrown away unseen: a plugin that floods costs its reader almost nothing, and it never blocks.
 */
import type { Clock } from '../clock.ts';
import { type LinePiece, LineSplitter } from '../hclog/line-splitter.ts';
import { Pace } from '../pace.ts';

export interface OutputChannelOptions {
  readonly clock: Clock;
  readonly onPiece: (piece: LinePiece) => void;
  /** Told once a flood is over, and each second it lasts. */
  readonly onDropped: (bytes: number) => void;
  /** Default 256 KiB, which is a thousand long lines; so much may also come at once. */
  readonly maxBytesPerSecond?: number;
}

/** Most often somebody is told of a flood. */
const REPORT_MS = 1000;

/** What a line costs beside its bytes, so that floods of tiny lines are floods too. */
const LINE_COST_BYTES = 128;

/** How much of what may come at once has to be free again before a flood is read on. */
const FREE_SHARE = 1 / 4;

/** Read at once: so much may be read beyond the rate, though a chunk may hold far more lines. */
const SLICE_BYTES = 1024;

const LF = 0x0a;

export class OutputChannel {
  readonly #clock: Clock;
  readonly #onPiece: (piece: LinePiece) => void;
  readonly #onDropped: (bytes: number) => void;
  readonly #maxBytesPerSecond: number;
  readonly #pace: Pace;
  readonly #splitter = new LineSplitter();
  #isFlood: boolean = false;
  #droppedBytes = 0;
  /** When dropped bytes were told last, or the first of them came. */
  #reportedAt = 0;
  /** True from the first dropped byte until a line end was passed again. */
  #isMidLine: boolean = false;

  constructor(options: OutputChannelOptions) {
    this.#clock = options.clock;
    this.#onPiece = options.onPiece;
    this.#onDropped = options.onDropped;
    this.#maxBytesPerSecond = options.maxBytesPerSecond ?? 256 * 1024;
    this.#pace = new Pace({ perSecond: this.#maxBytesPerSecond, burst: this.#maxBytesPerSecond });
  }

  push(chunk: Uint8Array): void {
    if (this.#isFlood) this.#lookForEnd();
    let at = 0;
    for (; at < chunk.length && !this.#isFlood; at += SLICE_BYTES) {
      this.#read(chunk.subarray(at, at + SLICE_BYTES));
    }
    if (at < chunk.length) this.#drop(chunk.subarray(at));
  }

  /** Tells the end of the stream. */
  end(): void {
    this.#give(this.#splitter.end());
    this.#reportDropped();
  }

  #lookForEnd(): void {
    const now = this.#clock.now();
    this.#isFlood = this.#pace.debt(now) > this.#maxBytesPerSecond * (1 - FREE_SHARE);
    if (now - this.#reportedAt >= REPORT_MS) this.#reportDropped();
  }

  #drop(chunk: Uint8Array): void {
    if (!this.#isMidLine) this.#give(this.#splitter.end());
    this.#isMidLine = true;
    this.#note(chunk.length);
  }

  #read(chunk: Uint8Array): void {
    this.#spend(chunk.length);
    const rest = this.#isMidLine ? this.#skipLine(chunk) : chunk;
    this.#give(this.#splitter.push(rest));
  }

  #skipLine(chunk: Uint8Array): Uint8Array {
    const lineEnd = chunk.indexOf(LF);
    this.#isMidLine = lineEnd === -1;
    const skipped = lineEnd === -1 ? chunk.length : lineEnd + 1;
    this.#note(skipped);
    return chunk.subarray(skipped);
  }

  #give(pieces: readonly LinePiece[]): void {
    this.#spend(pieces.length * LINE_COST_BYTES);
    for (const piece of pieces) this.#onPiece(piece);
  }

  /** Nothing is owed beyond the burst: what was read is read. */
  #spend(bytes: number): void {
    if (this.#pace.spend(bytes, this.#clock.now()) > 0) this.#isFlood = true;
    this.#pace.forgive();
  }

  #note(droppedBytes: number): void {
    if (this.#droppedBytes === 0) this.#reportedAt = this.#clock.now();
    this.#droppedBytes += droppedBytes;
  }

  #reportDropped(): void {
    if (this.#droppedBytes > 0) this.#onDropped(this.#droppedBytes);
    this.#droppedBytes = 0;
    this.#reportedAt = this.#clock.now();
  }
}
