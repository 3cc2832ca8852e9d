/**
 * A plugin kept running. At most one process serves calls; it is replaced when it dies, loses its
 * connection or stops answering, with pauses that grow. Processes overlap: a new one is brought up by
 * `#bringUp` on its own, `#adopt` makes it the one that serves, and the one before it ends its calls and
 * is killed. Everything a process needs to be forgotten hangs on the process, so that no order of events
 * leaves one behind.
 */
import { type CancelTimer, type Clock, systemClock } from '../clock.ts';
import { PluginError } from '../errors.ts';
import { launchPlugin } from '../host/launch-plugin.ts';
import type { PluginExit } from '../host/plugin-exit.ts';
import type { PluginHost } from '../host/plugin-host.ts';
import type { PluginProcessRecord } from '../host/plugin-launch-options.ts';
import { type PluginFailure, pluginFailure, withExit } from './plugin-failure.ts';
import type { PluginStatus } from './plugin-status.ts';
import type { PluginSupervisorOptions } from './plugin-supervisor-options.ts';
import { RestartSchedule } from './restart-schedule.ts';
import { type RunCall, SupervisedProcess } from './supervised-process.ts';
import type { SupervisorEvent } from './supervisor-event.ts';
import { nextState, type SupervisorState, type SupervisorTrigger } from './supervisor-state.ts';

/** How long `open` may take when the launch names no start time-out. */
const DEFAULT_OPEN_TIMEOUT_MS = 10_000;

export class PluginSupervisor<T> {
  readonly #options: PluginSupervisorOptions<T>;
  readonly #clock: Clock;
  readonly #schedule: RestartSchedule;
  /** Aborted by `close`. */
  readonly #closing = new AbortController();
  #state: SupervisorState = 'stopped';
  /** The process that serves; defined exactly in state `ready`. */
  #current: SupervisedProcess<T> | undefined;
  /** Starts and ends of processes under way; `close` waits for them. */
  readonly #tasks = new Set<Promise<void>>();
  #cancelRestart: CancelTimer = () => undefined;
  #nextStartAt: number | undefined;
  #starts = 0;
  /** Of processes that no longer serve. */
  #missedDeadlines = 0;
  #lastFailure: PluginFailure | undefined;
  #started: Promise<void> | undefined;
  #closed: Promise<void> | undefined;

  constructor(options: PluginSupervisorOptions<T>) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#schedule = new RestartSchedule(options.random ?? Math.random);
  }

  get state(): SupervisorState {
    return this.#state;
  }

  /** Starts the plugin; settles after the first attempt, whatever came of it. Once closed it stays so. */
  start(): Promise<void> {
    if (this.#started === undefined && this.#closed === undefined) {
      this.#move('start');
      this.#started = this.#attempt();
    }
    return this.#started ?? Promise.resolve();
  }

  /**
   * Runs a call on the plugin. Rejects at once with `PLUGIN_NOT_READY` when none is up and with
   * `PLUGIN_BUSY` when too many calls are under way; otherwise with the call's own error, with
   * `PLUGIN_CALL_TIMEOUT`, or with `PLUGIN_CONNECTION_LOST` when the plugin dies under it.
   */
  call<R>(run: RunCall<T, R>): Promise<R> {
    const { name, maxInFlight } = this.#options;
    const process = this.#current;
    if (process === undefined) {
      const message = `Plugin "${name}" is not ready: it is ${this.#state}.`;
      return Promise.reject(new PluginError('PLUGIN_NOT_READY', message));
    }
    if (process.callsInFlight >= maxInFlight) {
      const message = `Plugin "${name}" already has ${maxInFlight} calls under way.`;
      return Promise.reject(new PluginError('PLUGIN_BUSY', message));
    }
    return process.call(run);
  }

  status(): PluginStatus {
    const process = this.#current;
    return {
      name: this.#options.name,
      state: this.#state,
      ...(process !== undefined && describe(process)),
      callsInFlight: process?.callsInFlight ?? 0,
      starts: this.#starts,
      missedDeadlines: this.#missedDeadlines + (process?.missedDeadlines ?? 0),
      ...(this.#nextStartAt !== undefined && { nextStartAt: this.#nextStartAt }),
      ...(this.#lastFailure !== undefined && { lastFailure: this.#lastFailure }),
    };
  }

  /** Ends calls and processes, those just starting included. Idempotent; never rejects. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    if (this.#state === 'stopped') return;
    this.#move('close');
    this.#closing.abort();
    this.#cancelRestart();
    this.#nextStartAt = undefined;
    this.#retireCurrent();
    while (this.#tasks.size > 0) await Promise.all(this.#tasks);
    this.#move('closed');
  }

  /** One start, from the launch to `ready` or to the pause before the next. Never rejects. */
  #attempt(): Promise<void> {
    return this.#track(async () => {
      this.#nextStartAt = undefined;
      this.#starts += 1;
      try {
        this.#adopt(await this.#bringUp());
      } catch (error) {
        this.#fail(pluginFailure(error, { at: this.#clock.wallTime(), code: 'PLUGIN_OPEN_FAILED' }), 0);
      }
    });
  }

  /** Launches a process and opens it; kills it again when it is of no use. */
  async #bringUp(): Promise<SupervisedProcess<T>> {
    const { name, callTimeoutMs } = this.#options;
    const plugin = await this.#launch();
    try {
      const instance = await this.#open(plugin);
      return new SupervisedProcess({ name, plugin, instance, callTimeoutMs, clock: this.#clock });
    } catch (error) {
      await this.#forget(plugin.pid, await plugin.kill());
      throw error;
    }
  }

  /** The process is in the registry from before its handshake. */
  async #launch(): Promise<PluginHost> {
    const { launch, launcher = launchPlugin, registry } = this.#options;
    let pid: number | undefined;
    const onProcess = async (record: PluginProcessRecord): Promise<void> => {
      pid = record.pid;
      await registry?.add(record);
    };
    try {
      return await launcher({ ...launch, ...this.#hooks(), onProcess });
    } catch (error) {
      if (pid !== undefined) await registry?.remove(pid);
      throw error;
    }
  }

  #hooks(): Pick<PluginSupervisorOptions<T>['launch'], 'onOutput' | 'signal' | 'clock'> {
    const { name, onEvent } = this.#options;
    return {
      onOutput: (output) => onEvent({ kind: 'output', name, output }),
      signal: this.#closing.signal,
      clock: this.#clock,
    };
  }

  /** Opens a plugin, as long as a start may take; closing the supervisor ends the wait. */
  async #open(plugin: PluginHost): Promise<T> {
    const timeoutMs = this.#options.launch.startTimeoutMs ?? DEFAULT_OPEN_TIMEOUT_MS;
    const { promise: cut, reject } = Promise.withResolvers<never>();
    const stop = (): void => reject(new Error('the supervisor was closed'));
    const cancel = this.#clock.schedule(timeoutMs, () => reject(new Error('it took too long')));
    this.#closing.signal.addEventListener('abort', stop, { once: true });
    if (this.#closing.signal.aborted) stop();
    try {
      return await Promise.race([cut, this.#options.open(plugin)]);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      const message = `Plugin "${this.#options.name}" could not be put to use: ${reason}`;
      throw new PluginError('PLUGIN_OPEN_FAILED', message, { cause });
    } finally {
      cancel();
      this.#closing.signal.removeEventListener('abort', stop);
    }
  }

  /** Makes a process the one that serves; the one before it, if any, is retired. */
  #adopt(process: SupervisedProcess<T>): void {
    if (this.#closing.signal.aborted) {
      this.#retire(process);
      return;
    }
    this.#retireCurrent();
    this.#current = process;
    void process.lost.then((failure) => this.#lose(process, failure));
    this.#move('opened', { pid: process.plugin.pid });
  }

  #lose(process: SupervisedProcess<T>, failure: PluginFailure): void {
    if (process !== this.#current) return;
    const { readyMs } = process;
    this.#retireCurrent(failure);
    this.#fail(failure, readyMs);
  }

  /** Notes a failure and sets the next start. */
  #fail(failure: PluginFailure, readyMs: number): void {
    if (this.#closing.signal.aborted) return;
    this.#lastFailure = failure;
    const isHopeless = !failure.error.temporary;
    const delayMs = isHopeless ? this.#schedule.despair() : this.#schedule.next(readyMs);
    this.#nextStartAt = this.#clock.wallTime() + delayMs;
    this.#cancelRestart = this.#clock.schedule(delayMs, () => void this.#attempt());
    this.#move(this.#schedule.isSlow ? 'despaired' : 'lost', { failure });
  }

  #retireCurrent(failure?: PluginFailure): void {
    const process = this.#current;
    if (process === undefined) return;
    this.#current = undefined;
    this.#missedDeadlines += process.missedDeadlines;
    this.#retire(process, failure);
  }

  /** Ends a process in the background; what it said last completes the failure it is retired for. */
  #retire(process: SupervisedProcess<T>, failure?: PluginFailure): void {
    void this.#track(async () => {
      const exit = await process.retire();
      await this.#forget(process.plugin.pid, exit);
      if (failure !== undefined && this.#lastFailure === failure) this.#lastFailure = withExit(failure, exit);
    });
  }

  /** Strikes a process off the registry, unless the system could not end it. */
  async #forget(pid: number, exit: PluginExit): Promise<void> {
    const isGone = exit.status !== null || exit.signal !== null;
    if (isGone) await this.#options.registry?.remove(pid);
  }

  #track(run: () => Promise<void>): Promise<void> {
    const task = run().finally(() => this.#tasks.delete(task));
    this.#tasks.add(task);
    return task;
  }

  /** The only place that changes the state; a change is reported once. */
  #move(trigger: SupervisorTrigger, about: Pick<StateEvent, 'pid' | 'failure'> = {}): void {
    const from = this.#state;
    const to = nextState(from, trigger);
    if (to === undefined || to === from) return;
    this.#state = to;
    this.#options.onEvent({ kind: 'state', name: this.#options.name, from, to, ...about });
  }
}

type StateEvent = Extract<SupervisorEvent, { readonly kind: 'state' }>;

function describe(process: SupervisedProcess<unknown>): Partial<PluginStatus> {
  const { pid, appVersion, protocol } = process.plugin;
  return { pid, appVersion, protocol, readyAt: process.readyAt };
}
