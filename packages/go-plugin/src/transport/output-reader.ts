import { Pace } from '../pace.ts';
import type { DeadlineSource, DeadlineTimer } from './deadline-timer.ts';
import type { MuxStream, StreamOwner } from './mux-stream.ts';

/** Far more than anybody logs; a plugin that prints without end is to wait, not to keep its host busy. */
const PACE = { perSecond: 4 * 1024 * 1024, burst: 1024 * 1024 };

/** The time of the connection a stream is on. */
export interface ReaderTime {
  readonly timer: DeadlineTimer;
  now(): number;
}

/**
 * Reads a stream for ever and hands its bytes on: what a plugin prints must never block it for good. Beyond
 * a rate the window for more is granted later.
 */
export class OutputReader implements StreamOwner, DeadlineSource {
  readonly #stream: MuxStream;
  readonly #time: ReaderTime;
  readonly #take: (bytes: Uint8Array) => void;
  readonly #pace = new Pace(PACE);
  /** Bytes read whose window is not granted yet; 0 exactly when `#grantAt` is undefined. */
  #owed = 0;
  #grantAt: number | undefined;

  constructor(stream: MuxStream, time: ReaderTime, take: (bytes: Uint8Array) => void) {
    this.#stream = stream;
    this.#time = time;
    this.#take = take;
    time.timer.add(this);
  }

  data(bytes: Uint8Array): void {
    this.#take(bytes);
    const now = this.#time.now();
    const waitMs = this.#pace.spend(bytes.length, now);
    if (waitMs === 0 && this.#owed === 0) {
      this.#stream.consumed(bytes.length);
      return;
    }
    this.#owed += bytes.length;
    this.#grantAt ??= now + waitMs;
    this.#time.timer.look(this);
  }

  deadline(): number | undefined {
    return this.#grantAt;
  }

  tick(now: number): void {
    if (this.#grantAt === undefined || this.#grantAt > now) return;
    const owed = this.#owed;
    this.#owed = 0;
    this.#grantAt = undefined;
    this.#stream.consumed(owed);
  }

  /** The plugin prints no more; its calls go on. */
  end(): void {
    this.#leave();
  }

  /** Its connection, or only this stream, is gone; the former shows elsewhere, the latter harms nobody. */
  closed(): void {
    this.#leave();
  }

  #leave(): void {
    this.#grantAt = undefined;
    this.#time.timer.remove(this);
  }
}
