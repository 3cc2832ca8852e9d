/**
 * The one timer of a connection. Each phase has a time-out; phases before the final dot also end with
 * the limit of the attempt under way, whichever comes first. Moving the deadline later costs nothing:
 * the timer finds out when it fires and sleeps on, so a busy connection re-arms it about once per
 * time-out instead of several times per message.
 */
import type { SmtpPhase } from '@smtp-router/smtp/client';
import type { CancelTimer, Clock } from '../clock.ts';
import type { AttemptLimit } from './attempt-limit.ts';
import type { DownstreamTimeouts } from './downstream-options.ts';

/** RSET and QUIT are asked of an idle connection only; whoever does not answer soon is gone. */
const RSET_MS = 3_000;
const QUIT_MS = 1_000;

/** Why time ran out: the phase took too long, or the attempt has no time left. */
export type TimeoutCause = 'phase' | 'limit';

export interface PhaseTimerOptions {
  readonly clock: Clock;
  readonly timeouts: DownstreamTimeouts;
  /** Called at most once per `enter` or `rest`. */
  readonly onDue: (cause: TimeoutCause) => void;
}

export class PhaseTimer {
  readonly #clock: Clock;
  #timeouts: DownstreamTimeouts;
  readonly #onDue: (cause: TimeoutCause) => void;
  #limit: AttemptLimit | undefined;
  #phase: SmtpPhase | undefined;
  #phaseEndsAt = Number.POSITIVE_INFINITY;
  /** When the armed timer fires; infinite whenever none is armed. */
  #firesAt = Number.POSITIVE_INFINITY;
  #cancel: CancelTimer | undefined;

  constructor(options: PhaseTimerOptions) {
    this.#clock = options.clock;
    this.#timeouts = options.timeouts;
    this.#onDue = options.onDue;
  }

  /** For phases that begin from now on. */
  setTimeouts(timeouts: DownstreamTimeouts): void {
    this.#timeouts = timeouts;
  }

  /** An attempt begins (its limit counts from now on) or ends (undefined). */
  setLimit(limit: AttemptLimit | undefined): void {
    this.#limit?.offStop(this.#arm);
    this.#limit = limit;
    limit?.onStop(this.#arm);
  }

  /** A phase begins, or made progress: its time-out starts anew. */
  enter(phase: SmtpPhase): void {
    this.#phase = phase;
    this.#phaseEndsAt = this.#clock.now() + phaseTimeout(phase, this.#timeouts);
    this.#arm();
  }

  /** Nothing is under way; `onDue('phase')` after that time. */
  rest(durationMs: number): void {
    this.#phase = undefined;
    this.#phaseEndsAt = this.#clock.now() + durationMs;
    this.#arm();
  }

  /** For good: no timer and no interest in an attempt is left behind. */
  stop(): void {
    this.setLimit(undefined);
    this.#phase = undefined;
    this.#phaseEndsAt = Number.POSITIVE_INFINITY;
    this.#cancel?.();
    this.#cancel = undefined;
    this.#firesAt = Number.POSITIVE_INFINITY;
  }

  get #dueAt(): number {
    return Math.min(this.#phaseEndsAt, this.#limitEndsAt);
  }

  get #limitEndsAt(): number {
    const isCut = this.#limit !== undefined && this.#phase !== undefined && this.#phase !== 'dot';
    return isCut ? (this.#limit?.deadlineAt ?? 0) : Number.POSITIVE_INFINITY;
  }

  readonly #arm = (): void => {
    const dueAt = this.#dueAt;
    if (dueAt >= this.#firesAt) return;
    this.#cancel?.();
    this.#firesAt = dueAt;
    this.#cancel = this.#clock.schedule(Math.max(0, dueAt - this.#clock.now()), this.#onFired);
  };

  readonly #onFired = (): void => {
    this.#cancel = undefined;
    this.#firesAt = Number.POSITIVE_INFINITY;
    const now = this.#clock.now();
    if (now < this.#dueAt) {
      this.#arm();
      return;
    }
    const cause = this.#limitEndsAt <= now ? 'limit' : 'phase';
    this.#phaseEndsAt = Number.POSITIVE_INFINITY;
    this.#phase = undefined;
    this.#onDue(cause);
  };
}

/** How long a phase may take, in milliseconds. */
export function phaseTimeout(phase: SmtpPhase, timeouts: DownstreamTimeouts): number {
  switch (phase) {
    case 'connect':
      return timeouts.connectMs;
    case 'tls':
      return timeouts.tlsMs;
    case 'greeting':
      return timeouts.greetingMs;
    case 'ehlo':
    case 'starttls':
      return timeouts.ehloMs;
    case 'auth':
      return timeouts.authMs;
    case 'mail':
      return timeouts.mailMs;
    case 'rcpt':
      return timeouts.rcptMs;
    case 'data':
      return timeouts.dataMs;
    case 'dot':
      return timeouts.dotMs;
    case 'rset':
      return RSET_MS;
    case 'quit':
      return QUIT_MS;
  }
}
