import type { YamuxLimits } from './yamux-limits.ts';

/** What `Keepalive.tick` asks of the session. */
export type KeepaliveVerdict = 'idle' | 'send-ping' | 'dead';

/** One ping under way at most; the next is due an interval after the last was sent. */
export class Keepalive {
  readonly #limits: YamuxLimits;
  #value = 0;
  #nextPingAt: number;
  /** When the ping under way was sent; undefined while none is. */
  #sentAt: number | undefined;

  constructor(limits: YamuxLimits, now: number) {
    this.#limits = limits;
    this.#nextPingAt = now + limits.keepaliveIntervalMs;
  }

  get deadline(): number {
    return this.#sentAt === undefined ? this.#nextPingAt : this.#sentAt + this.#limits.pingTimeoutMs;
  }

  tick(now: number): KeepaliveVerdict {
    if (now < this.deadline) return 'idle';
    return this.#sentAt === undefined ? 'send-ping' : 'dead';
  }

  /** Starts a ping; answers the value to send, or undefined while one is under way. */
  start(now: number): number | undefined {
    if (this.#sentAt !== undefined) return undefined;
    this.#sentAt = now;
    this.#nextPingAt = now + this.#limits.keepaliveIntervalMs;
    this.#value = (this.#value + 1) >>> 0;
    return this.#value;
  }

  /** Takes an answer; the round trip in milliseconds, or undefined when it answers no ping of ours. */
  answered(value: number, now: number): number | undefined {
    if (this.#sentAt === undefined || value !== this.#value) return undefined;
    const roundTripMs = now - this.#sentAt;
    this.#sentAt = undefined;
    return roundTripMs;
  }
}
