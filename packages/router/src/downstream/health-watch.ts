/**
 * Keeps the health of one downstream: takes what attempts led to, probes by itself while the circuit
 * is open, and tells of every change once.
 */
import type { DownstreamState } from '@smtp-router/selector/contract';
import type { CancelTimer, Clock } from '../clock.ts';
import { type CircuitState, DownstreamHealth, type HealthBlame } from './health.ts';

/** What an attempt means for the health of a downstream; the blame table decides it. */
export type HealthVerdict =
  | { readonly kind: 'delivered' }
  | {
      readonly kind: 'blamed';
      readonly blame: HealthBlame;
      /** One sentence for the log. */
      readonly message: string;
      /** How long a throttle asks to be left alone; default a minute. */
      readonly restMs?: number;
    };

/** A change of state, for the log. */
export interface HealthChange {
  readonly state: DownstreamState;
  /** Why; absent when it is well again. */
  readonly message?: string;
  readonly blame?: HealthBlame;
}

export interface HealthWatchOptions {
  readonly clock: Clock;
  /** 0 ≤ x < 1. */
  readonly random?: () => number;
  /** Tries connection and login without a message; undefined = all is well. Never rejects. */
  readonly probe: () => Promise<Extract<HealthVerdict, { kind: 'blamed' }> | undefined>;
  readonly onChange: (change: HealthChange) => void;
}

const STATES: Readonly<Record<CircuitState, DownstreamState>> = {
  closed: 'up',
  open: 'down',
  'half-open': 'down',
  resting: 'throttled',
};

export class HealthWatch {
  readonly #options: HealthWatchOptions;
  readonly #health: DownstreamHealth;
  /** Last state told. */
  #told: DownstreamState = 'up';
  #cancelTimer: CancelTimer = () => {};
  #isClosed: boolean = false;

  constructor(options: HealthWatchOptions) {
    this.#options = options;
    this.#health = new DownstreamHealth(options.random);
  }

  get state(): DownstreamState {
    return STATES[this.#health.stateAt(this.#options.clock.now())];
  }

  /** An attempt ended. */
  judged(verdict: HealthVerdict): void {
    if (verdict.kind === 'delivered') this.#health.delivered();
    else this.#health.blamed(verdict.blame, this.#options.clock.now(), verdict.restMs);
    this.#follow(verdict.kind === 'blamed' ? verdict : undefined);
  }

  /** A new password came: refused credentials are worth a probe at once. */
  secretChanged(): void {
    this.#health.secretChanged(this.#options.clock.now());
    this.#setTimer();
  }

  /** No further probe. Idempotent. */
  close(): void {
    this.#isClosed = true;
    this.#cancelTimer();
  }

  /** Tells of a change, and sets the timer for what comes next. */
  #follow(cause?: Extract<HealthVerdict, { kind: 'blamed' }>): void {
    const { state } = this;
    if (state === this.#told || this.#isClosed) return;
    this.#told = state;
    this.#options.onChange({
      state,
      ...(cause !== undefined && state !== 'up' && { message: cause.message, blame: cause.blame }),
    });
    this.#setTimer();
  }

  #setTimer(): void {
    this.#cancelTimer();
    const { clock } = this.#options;
    const dueAt = this.#health.probeDueAt ?? this.#health.restsUntil;
    if (dueAt === undefined || this.#isClosed) return;
    this.#cancelTimer = clock.schedule(Math.max(0, dueAt - clock.now()), () => void this.#due());
  }

  async #due(): Promise<void> {
    if (this.#health.probeDueAt === undefined) {
      this.#follow();
      return;
    }
    this.#health.probeBegan();
    const failure = await this.#options.probe();
    if (failure === undefined) this.#health.probeSucceeded();
    else this.#health.probeFailed(failure.blame, this.#options.clock.now());
    this.#follow();
    this.#setTimer();
  }
}
