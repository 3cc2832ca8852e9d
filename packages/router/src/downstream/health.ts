/**
 * Health of one downstream: a circuit that opens on repeated blame and closes by the router's own
 * probes, never by users' mail. Pure: time is given, nothing is scheduled here; `probeDueAt` tells
 * the owner when to act.
 *
 * - `closed`    mail flows. Failures that count are numbered; any delivery sets the number to zero.
 * - `open`      no mail. Entered when enough failures came in a row; a probe is due at `probeDueAt`.
 * - `half-open` a probe is under way. Its success closes the circuit, its failure opens it again.
 * - `resting`   the downstream asked for less (throttle). Ends by itself, without a probe.
 */
import type { Blame } from '../message/outcome.ts';

/** Blame that counts against health (see the effects in `relay/blame.ts`). */
export type HealthBlame = Extract<Blame, 'network' | 'downstream' | 'credentials' | 'throttle'>;

export type CircuitState = 'closed' | 'open' | 'half-open' | 'resting';

/** Failures in a row that open the circuit: a refused login is certain at once, the others may be chance. */
const FAILURES_TO_OPEN: Readonly<Record<Exclude<HealthBlame, 'throttle'>, number>> = {
  network: 2,
  downstream: 3,
  credentials: 1,
};

/** Probes of a dead network or server: at most two seconds apart, jitter included. */
const NETWORK_PROBE_MS = 1_600;
/** Probes of refused credentials: each may count as an attack, so they become rare. */
const CREDENTIALS_PROBE_MS = 60_000;
const CREDENTIALS_PROBE_MAX_MS = 15 * 60_000;
/** How long a throttle rests the downstream when its reply names no time. */
const DEFAULT_REST_MS = 60_000;
const JITTER = 0.2;

export class DownstreamHealth {
  readonly #random: () => number;
  #state: CircuitState = 'closed';
  /** Meaningful while closed; zero in every other state. */
  #failuresInRow = 0;
  /** What opened the circuit; kept while it is open or half-open. */
  #openedBy: HealthBlame = 'network';
  /** Probes that failed since the circuit opened. */
  #failedProbes = 0;
  /** The probe under way logs in with a password that was replaced meanwhile. */
  #isProbeOutdated: boolean = false;
  /** End of `open` or `resting`; meaningless otherwise. */
  #until = 0;

  /** `random`: 0 ≤ x < 1, spreads the probes of several routers. */
  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  /** `nowMs` and every other time: milliseconds of one monotonic clock. */
  stateAt(nowMs: number): CircuitState {
    if (this.#state === 'resting' && nowMs >= this.#until) this.#state = 'closed';
    return this.#state;
  }

  /** When a probe is due; undefined unless open. */
  get probeDueAt(): number | undefined {
    return this.#state === 'open' ? this.#until : undefined;
  }

  /** End of the rest a throttle asked for; undefined unless resting. */
  get restsUntil(): number | undefined {
    return this.#state === 'resting' ? this.#until : undefined;
  }

  /** A message was taken. Mail already under way may still succeed while the circuit is open. */
  delivered(): void {
    this.#failuresInRow = 0;
    if (this.#state === 'open') this.#close();
  }

  /** An attempt failed by this blame. `restMs`: how long a throttle's reply asked to wait. */
  blamed(blame: HealthBlame, nowMs: number, restMs = DEFAULT_REST_MS): void {
    if (this.stateAt(nowMs) === 'open' || this.#state === 'half-open') return;
    if (blame === 'throttle') {
      this.#rest(nowMs + restMs);
      return;
    }
    this.#failuresInRow += 1;
    if (this.#failuresInRow >= FAILURES_TO_OPEN[blame]) this.#open(blame, nowMs);
  }

  /** The owner begins a probe. */
  probeBegan(): void {
    if (this.#state !== 'open') return;
    this.#state = 'half-open';
    this.#isProbeOutdated = false;
  }

  probeSucceeded(): void {
    if (this.#state === 'half-open') this.#close();
  }

  /** The probe failed; what it blames may differ from what opened the circuit. */
  probeFailed(blame: HealthBlame, nowMs: number): void {
    if (this.#state !== 'half-open') return;
    this.#failedProbes = blame === this.#openedBy ? this.#failedProbes + 1 : 0;
    this.#openedBy = blame;
    this.#state = 'open';
    this.#until = this.#isProbeOutdated ? nowMs : nowMs + this.#probeDelayMs();
  }

  /** A new password came: refused credentials are worth a probe at once, or after the one under way. */
  secretChanged(nowMs: number): void {
    if (this.#openedBy !== 'credentials') return;
    if (this.#state === 'open') this.#until = nowMs;
    this.#isProbeOutdated = this.#state === 'half-open';
  }

  #open(blame: HealthBlame, nowMs: number): void {
    this.#state = 'open';
    this.#openedBy = blame;
    this.#failuresInRow = 0;
    this.#failedProbes = 0;
    this.#until = nowMs + this.#probeDelayMs();
  }

  /** A second throttle never shortens the first. */
  #rest(untilMs: number): void {
    this.#until = this.#state === 'resting' ? Math.max(this.#until, untilMs) : untilMs;
    this.#state = 'resting';
    this.#failuresInRow = 0;
  }

  #close(): void {
    this.#state = 'closed';
    this.#failuresInRow = 0;
    this.#failedProbes = 0;
  }

  #probeDelayMs(): number {
    const jitter = 1 + JITTER * (this.#random() * 2 - 1);
    if (this.#openedBy !== 'credentials') return NETWORK_PROBE_MS * jitter;
    return Math.min(CREDENTIALS_PROBE_MAX_MS, CREDENTIALS_PROBE_MS * 2 ** this.#failedProbes) * jitter;
  }
}
