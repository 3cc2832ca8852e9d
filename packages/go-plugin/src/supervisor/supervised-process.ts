/**
 * One process of a supervised plugin with what was opened on it: runs the calls, bounds them, watches
 * its health and tells once when it is lost. What happens then is its supervisor's business.
 */
import type { CancelTimer, Clock } from '../clock.ts';
import { PluginError } from '../errors.ts';
import { describeExit, describeLastWords } from '../host/describe-exit.ts';
import type { PluginExit } from '../host/plugin-exit.ts';
import type { PluginHost } from '../host/plugin-host.ts';
import { within } from '../host/within.ts';
import type { CallOptions } from '../transport/plugin-connection.ts';
import { CallsUnderWay, type CallUnderWay } from './calls-under-way.ts';
import type { Executable } from './executable.ts';
import { type PluginFailure, pluginFailure, withExit } from './plugin-failure.ts';

/** Missed in a row before the process counts as hung; net/rpc calls cannot be cancelled. */
const MAX_MISSED_DEADLINES = 5;

const PING_INTERVAL_MS = 2000;
const PING_TIMEOUT_MS = 5000;

/** The call's own deadline comes first and has the better message; this one holds if it does not. */
const DEADLINE_SLACK_MS = 100;

/** How long after its connection a process may take to be seen dead. */
const EXIT_AFTER_CLOSE_MS = 500;

export interface SupervisedProcessOptions<T> {
  /** Of the plugin, for messages. */
  readonly name: string;
  readonly plugin: PluginHost;
  /** What the process was started from. */
  readonly executable: Executable;
  /** What was opened on the plugin. */
  readonly instance: T;
  readonly callTimeoutMs: number;
  readonly clock: Clock;
}

/** A call made on the instance, bounded by the options it is given. */
export type RunCall<T, R> = (instance: T, options: CallOptions) => Promise<R>;

export class SupervisedProcess<T> {
  readonly #options: SupervisedProcessOptions<T>;
  readonly #lost = Promise.withResolvers<PluginFailure>();
  readonly #callOptions: CallOptions;
  readonly #calls = new CallsUnderWay();
  /** Ends the calls that are due; set to the first of them or earlier, undefined while it is not set. */
  #cancelDeadline: CancelTimer | undefined;
  /** Called when the last call under way ends, while retiring. */
  #onIdle: (() => void) | undefined;
  #missedInRow = 0;
  #missedDeadlines = 0;
  #cancelPing: CancelTimer = () => undefined;
  /** True once lost or retiring: no further calls, pings or complaints. */
  #isOver: boolean = false;
  readonly readyAt: number;
  /** On the monotonic clock. */
  readonly #readySince: number;

  constructor(options: SupervisedProcessOptions<T>) {
    this.#options = options;
    this.#callOptions = { timeoutMs: options.callTimeoutMs };
    this.readyAt = options.clock.wallTime();
    this.#readySince = options.clock.now();
    this.#schedulePing();
    void this.#watchEnd();
  }

  get plugin(): PluginHost {
    return this.#options.plugin;
  }

  get executable(): Executable {
    return this.#options.executable;
  }

  get callsInFlight(): number {
    return this.#calls.size;
  }

  /** Since this process became ready. */
  get missedDeadlines(): number {
    return this.#missedDeadlines;
  }

  /** Milliseconds since it became ready. */
  get readyMs(): number {
    return this.#options.clock.now() - this.#readySince;
  }

  /** Settles once, when the process ended, its connection broke or it no longer answers; never rejects. */
  get lost(): Promise<PluginFailure> {
    return this.#lost.promise;
  }

  /** Runs a call; rejects with its error, with `PLUGIN_CALL_TIMEOUT`, or as soon as the process is lost. */
  call<R>(run: RunCall<T, R>): Promise<R> {
    return new Promise((resolve, reject) => {
      const { instance, callTimeoutMs, clock } = this.#options;
      const call = this.#calls.add(clock.now() + callTimeoutMs + DEADLINE_SLACK_MS, reject);
      if (this.#cancelDeadline === undefined) this.#scheduleDeadline(callTimeoutMs + DEADLINE_SLACK_MS);
      try {
        run(instance, this.#callOptions).then(
          (reply) => {
            if (!this.#end(call)) return;
            this.#missedInRow = 0;
            resolve(reply);
          },
          (error: unknown) => this.#fail(call, error),
        );
      } catch (error) {
        this.#fail(call, error);
      }
    });
  }

  #fail(call: CallUnderWay, error: unknown): void {
    if (!this.#end(call)) return;
    const reason = this.#whyEnded(error);
    this.#judge(reason);
    call.reject(reason);
  }

  /** False when the call had ended. */
  #end(call: CallUnderWay): boolean {
    if (!this.#calls.end(call)) return false;
    if (this.#isOver && this.#calls.size === 0) this.#rest();
    return true;
  }

  /** The last call of a process that gets no more has ended. */
  #rest(): void {
    this.#cancelDeadline?.();
    this.#onIdle?.();
  }

  /** One timer for all calls, which looks for the next when it has come: most calls end early. */
  #scheduleDeadline(delayMs: number): void {
    this.#cancelDeadline = this.#options.clock.schedule(delayMs, () => this.#endDueCalls());
  }

  #endDueCalls(): void {
    const now = this.#options.clock.now();
    for (let call = this.#calls.first; call !== undefined && call.dueAt <= now; call = this.#calls.first) {
      this.#fail(call, this.#deadlineMissed());
    }
    const { first } = this.#calls;
    this.#cancelDeadline = undefined;
    if (first !== undefined) this.#scheduleDeadline(Math.ceil(first.dueAt - now));
  }

  /** Lets the calls under way end, as long as a call may take, then kills the process. Never rejects. */
  async retire(): Promise<PluginExit> {
    this.#stopWatching();
    await this.#idle();
    return this.#options.plugin.kill();
  }

  async #idle(): Promise<void> {
    if (this.#calls.size === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#onIdle = resolve;
    await within(promise, this.#options.callTimeoutMs + 2 * DEADLINE_SLACK_MS, this.#options.clock);
  }

  /** The host closes the connection of a process that is gone: to a call under way it is lost. */
  #whyEnded(error: unknown): unknown {
    const isClosed = error instanceof PluginError && error.code === 'PLUGIN_CLOSED';
    return isClosed ? this.#error('PLUGIN_CONNECTION_LOST', 'is gone: its process ended', error) : error;
  }

  /** An answer of any kind shows a plugin that works; only a missed deadline counts against it. */
  #judge(error: unknown): void {
    const code = error instanceof PluginError ? error.code : undefined;
    if (code === 'PLUGIN_CALL_CANCELLED') return;
    if (code === 'PLUGIN_CONNECTION_LOST') {
      void this.#loseUnlessEnded();
      return;
    }
    if (code !== 'PLUGIN_CALL_TIMEOUT') {
      this.#missedInRow = 0;
      return;
    }
    this.#missedDeadlines += 1;
    this.#missedInRow += 1;
    if (this.#missedInRow === MAX_MISSED_DEADLINES) {
      this.#lose(this.#error('PLUGIN_UNRESPONSIVE', `missed ${MAX_MISSED_DEADLINES} deadlines in a row`));
    }
  }

  /**
   * The stream of the dispensed plugin ended, perhaps together with connection and process, which then
   * tell more. One that ended alone leaves a process that answers pings and can never be called again.
   */
  async #loseUnlessEnded(): Promise<void> {
    const { plugin, clock } = this.#options;
    const exit = await within(plugin.exited, EXIT_AFTER_CLOSE_MS, clock);
    if (exit === undefined) this.#lose(this.#connectionLost(undefined));
  }

  #deadlineMissed(): PluginError {
    return this.#error(
      'PLUGIN_CALL_TIMEOUT',
      `did not answer within ${this.#options.callTimeoutMs / 1000} s`,
    );
  }

  #schedulePing(): void {
    this.#cancelPing = this.#options.clock.schedule(PING_INTERVAL_MS, () => void this.#ping());
  }

  async #ping(): Promise<void> {
    try {
      await this.#options.plugin.connection.ping({ timeoutMs: PING_TIMEOUT_MS });
    } catch (error) {
      this.#judgePing(error);
    }
    if (!this.#isOver) this.#schedulePing();
  }

  /** Any answer shows a process that works, unless nobody could connect to it again. */
  #judgePing(error: unknown): void {
    const code = error instanceof PluginError ? error.code : undefined;
    if (code === 'PLUGIN_CALL_TIMEOUT') {
      this.#lose(this.#error('PLUGIN_UNRESPONSIVE', `did not answer a ping for ${PING_TIMEOUT_MS / 1000} s`));
    } else if (code === 'PLUGIN_SOCKET_LOST') {
      this.#lose(this.#error(code, 'lost its socket file', error));
    }
  }

  /** The connection ends with the process, or before it when one of its sides is at fault. */
  async #watchEnd(): Promise<void> {
    const { plugin, clock } = this.#options;
    const cause = await Promise.race([plugin.connection.closed, plugin.exited.then(() => undefined)]);
    this.#cut(this.#error('PLUGIN_CONNECTION_LOST', 'is gone: its connection ended', cause));
    const exit = await within(plugin.exited, EXIT_AFTER_CLOSE_MS, clock);
    if (exit === undefined) this.#lose(this.#connectionLost(cause));
    else this.#lose(this.#exited(exit), exit);
  }

  #connectionLost(cause: Error | undefined): PluginError {
    const why = cause === undefined ? 'the plugin ended it' : cause.message;
    return this.#error(
      'PLUGIN_CONNECTION_LOST',
      `lost its connection while its process lives: ${why}`,
      cause,
    );
  }

  #exited(exit: PluginExit): PluginError {
    const words = describeLastWords(exit);
    return this.#error(
      'PLUGIN_EXITED',
      `${describeExit(exit)} while in use${words === undefined ? '' : `. ${words}`}`,
    );
  }

  #lose(error: PluginError, exit?: PluginExit): void {
    if (this.#isOver) return;
    this.#stopWatching();
    const failure = pluginFailure(error, { at: this.#options.clock.wallTime(), code: error.code });
    this.#lost.resolve(exit === undefined ? failure : withExit(failure, exit));
  }

  /** Ends the calls under way. */
  #cut(reason: PluginError): void {
    for (let call = this.#calls.first; call !== undefined; call = this.#calls.first) this.#fail(call, reason);
  }

  #stopWatching(): void {
    this.#isOver = true;
    this.#cancelPing();
    if (this.#calls.size === 0) this.#rest();
  }

  #error(code: PluginError['code'], what: string, cause?: unknown): PluginError {
    const { name, plugin } = this.#options;
    const sentence = `Plugin "${name}" (pid ${plugin.pid}) ${what}`;
    return new PluginError(code, /[.]$/.test(sentence) ? sentence : `${sentence}.`, { cause });
  }
}
