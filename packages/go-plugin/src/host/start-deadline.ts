/**
 * One bound over all steps of a start: the start time-out and the caller's signal, whichever comes
 * first. Steps run inside `race`; those that hold a resource also listen to `signal`.
 */
import type { CancelTimer, Clock } from '../clock.ts';
import { PluginError } from '../errors.ts';

export interface StartDeadlineOptions {
  /** How messages call the plugin. */
  readonly title: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  readonly clock: Clock;
}

export class StartDeadline {
  readonly #controller = new AbortController();
  readonly #callerSignal: AbortSignal | undefined;
  readonly #cancelTimer: CancelTimer;
  readonly #onAbort: () => void;

  constructor(options: StartDeadlineOptions) {
    const { title, timeoutMs, signal } = options;
    this.#callerSignal = signal;
    this.#onAbort = () =>
      this.#controller.abort(
        new PluginError('PLUGIN_START_ABORTED', `The start of ${title} was given up on request.`),
      );
    this.#cancelTimer = options.clock.schedule(timeoutMs, () =>
      this.#controller.abort(
        new PluginError(
          'PLUGIN_START_TIMEOUT',
          `${title} did not complete its handshake within ${timeoutMs / 1000} s.`,
        ),
      ),
    );
    signal?.addEventListener('abort', this.#onAbort, { once: true });
    if (signal?.aborted === true) this.#onAbort();
  }

  /** Aborted with the `PluginError` the start ends with. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The step's outcome, or a rejection as soon as the deadline has passed. */
  async race<T>(step: Promise<T>): Promise<T> {
    const { signal } = this.#controller;
    const { promise: passed, reject } = Promise.withResolvers<never>();
    const fail = (): void => reject(signal.reason);
    signal.addEventListener('abort', fail, { once: true });
    if (signal.aborted) fail();
    try {
      return await Promise.race([passed, step]);
    } finally {
      signal.removeEventListener('abort', fail);
    }
  }

  /** Lets go of timer and signal. */
  dispose(): void {
    this.#cancelTimer();
    this.#callerSignal?.removeEventListener('abort', this.#onAbort);
  }
}
