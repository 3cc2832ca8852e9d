/** Waiting readers that go on in one turn of the event loop; each may bring a chunk before the next look. */
const WOKEN_PER_TURN = 16;

/**
 * How many bytes all messages together may keep in memory, and how many they do. Whoever keeps bytes
 * takes them here and gives the same number back. `take` never refuses, since the bytes are there
 * already: it is reading on that waits (`room`). So the bound may be passed by the one chunk that each
 * connection has in hand; the header section that is kept beside a file (64 KiB at most) does not count,
 * or those who wait for room could be those who fill it.
 */
export class MemoryBudget {
  readonly limitBytes: number;
  readonly #halfBytes: number;
  readonly #scarceBytes: number;
  readonly #waiting: (() => void)[] = [];
  #usedBytes = 0;
  #isWaking: boolean = false;

  constructor(limitBytes: number) {
    this.limitBytes = limitBytes;
    this.#halfBytes = limitBytes / 2;
    this.#scarceBytes = limitBytes * 0.75;
  }

  /** Bytes kept now. */
  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** Large messages go to files from here on. */
  get isHalfUsed(): boolean {
    return this.#usedBytes >= this.#halfBytes;
  }

  /** Three quarters are used: every message still being received goes to a file. */
  get isScarce(): boolean {
    return this.#usedBytes >= this.#scarceBytes;
  }

  /** Nobody reads on. */
  get isExhausted(): boolean {
    return this.#usedBytes >= this.limitBytes;
  }

  /** Readers that wait for room. */
  get waiting(): number {
    return this.#waiting.length;
  }

  take(bytes: number): void {
    this.#usedBytes += bytes;
  }

  /** No more than was taken. */
  give(bytes: number): void {
    this.#usedBytes -= bytes;
    if (this.#waiting.length > 0) this.#wake();
  }

  /** Undefined = there is room; otherwise settles when there is, first come, first served. */
  room(): Promise<void> | undefined {
    if (!this.isExhausted) return undefined;
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  /** A few at a time, so that what they read is counted before others follow. */
  #wake(): void {
    if (this.#isWaking) return;
    for (const goOn of this.isExhausted ? [] : this.#waiting.splice(0, WOKEN_PER_TURN)) goOn();
    if (this.#waiting.length === 0 || this.isExhausted) return;
    this.#isWaking = true;
    setImmediate(() => {
      this.#isWaking = false;
      this.#wake();
    });
  }
}
