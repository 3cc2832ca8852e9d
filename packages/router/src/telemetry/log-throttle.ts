import type { RouterEvent } from '../events/router-event.ts';

/** Lines a stranger can cause at will, so that a flood of them must not fill the disk. */
const THROTTLED: ReadonlySet<RouterEvent['kind']> = new Set([
  'session-refused',
  'listener-fault',
  'protocol-fault',
  'authentication-ended',
  'storage-fault',
  'signature-broken',
]);
const WINDOW_MS = 1_000;
const LINES_PER_WINDOW = 20;

interface Window {
  startedAt: number;
  lines: number;
  suppressed: number;
}

/** Lets 20 lines a second of each such kind through and counts the others. */
export class LogThrottle {
  readonly #now: () => number;
  readonly #windows = new Map<RouterEvent['kind'], Window>();

  /** `now` in milliseconds, never going back. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Undefined = do not write; otherwise how many lines of this kind were kept back before this one. */
  admit(kind: RouterEvent['kind']): number | undefined {
    if (!THROTTLED.has(kind)) return 0;
    const window = this.#window(kind);
    if (window.lines >= LINES_PER_WINDOW) {
      window.suppressed += 1;
      return undefined;
    }
    window.lines += 1;
    const { suppressed } = window;
    window.suppressed = 0;
    return suppressed;
  }

  /** The window of now; what an earlier one suppressed is told with the next line. */
  #window(kind: RouterEvent['kind']): Window {
    const now = this.#now();
    const known = this.#windows.get(kind) ?? { startedAt: now, lines: 0, suppressed: 0 };
    this.#windows.set(kind, known);
    if (now - known.startedAt >= WINDOW_MS) {
      known.startedAt = now;
      known.lines = 0;
    }
    return known;
  }
}
