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
import { PluginLaunchError } from '../host/plugin-launch-error.ts';
import type { PluginProcessRecord } from '../host/plugin-launch-options.ts';
import type { PluginOutput } from '../host/plugin-output.ts';
import { type Executable, ORIGINAL } from './executable.ts';
import { ExecutablesInUse } from './executables-in-use.ts';
import { type PluginFailure, pluginFailure, withExit } from './plugin-failure.ts';
import type { PluginStatus } from './plugin-status.ts';
import type { PluginSupervisorOptions } from './plugin-supervisor-options.ts';
import { RestartSchedule } from './restart-schedule.ts';
import { type RunCall, SupervisedProcess } from './supervised-process.ts';
import type { SupervisorEvent } from './supervisor-event.ts';
import { nextState, type SupervisorState, type SupervisorTrigger } from './supervisor-state.ts';
import { Swapper, type SwapSteps } from './swap.ts';
import type { SwapResult } from './swap-result.ts';

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
  readonly #tasks = new Set<Promise<unknown>>();
  #cancelRestart: CancelTimer = () => undefined;
  #nextStartAt: number | undefined;
  #starts = 0;
  /** Of processes that no longer serve. */
  #missedDeadlines = 0;
  #lastFailure: PluginFailure | undefined;
  readonly #executables = new ExecutablesInUse();
  readonly #swapper: Swapper<T>;
  /** The last warning, so that each is told once. */
  #warning = '';
  #started: Promise<void> | undefined;
  #closed: Promise<void> | undefined;

  constructor(options: PluginSupervisorOptions<T>) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#schedule = new RestartSchedule(options.random ?? Math.random);
    this.#swapper = new Swapper(this.#swapSteps(), (run) => this.#track(run));
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

  /**
   * Replaces the process by a newcomer started from the files as they are now, while calls go on: they
   * are answered by the one or the other. A newcomer that does not come up or fails its trial changes
   * nothing. Without `isForced` nothing is done when the checksum of the files is that of what serves.
   * Never rejects.
   */
  swap(options: { readonly isForced: boolean }): Promise<SwapResult> {
    return this.#swapper.request(options.isForced);
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
      swaps: this.#swapper.status(),
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
    await this.#executables.keep(undefined);
    this.#move('closed');
  }

  /** One start, from the launch to `ready` or to the pause before the next. Never rejects. */
  #attempt(): Promise<void> {
    return this.#track(async () => {
      this.#nextStartAt = undefined;
      this.#starts += 1;
      try {
        this.#adoptRestarted(await this.#bringUp(await this.#executable()));
      } catch (error) {
        if (this.#current === undefined)
          this.#fail(pluginFailure(error, { at: this.#clock.wallTime(), code: 'PLUGIN_OPEN_FAILED' }), 0);
      }
    });
  }

  /** What a start begins from: the copy that served last, or the files as they are now. */
  async #executable(): Promise<Executable> {
    const { kept } = this.#executables;
    if (kept?.copy === undefined) return this.#prepare();
    this.#executables.hold(kept);
    return kept;
  }

  /** Looks at the files; the answer is held for the caller. */
  async #prepare(): Promise<Executable> {
    const { prepare, name, onEvent } = this.#options;
    const executable = (await prepare?.()) ?? { ...ORIGINAL };
    this.#executables.hold(executable);
    const { warning } = executable;
    if (warning !== undefined && warning.message !== this.#warning)
      onEvent({ kind: 'warning', name, error: warning });
    this.#warning = warning?.message ?? '';
    return executable;
  }

  /** Launches a process and opens it; kills it again when it is of no use. */
  async #bringUp(executable: Executable): Promise<SupervisedProcess<T>> {
    try {
      return await this.#bringUpHeld(executable);
    } catch (error) {
      if (isGone(error) && executable === this.#executables.kept) await this.#executables.keep(undefined);
      await this.#executables.release(executable);
      throw error;
    }
  }

  async #bringUpHeld(executable: Executable): Promise<SupervisedProcess<T>> {
    const { name, callTimeoutMs } = this.#options;
    const plugin = await this.#launch(executable);
    try {
      const instance = await this.#open(plugin);
      return new SupervisedProcess({ name, plugin, executable, instance, callTimeoutMs, clock: this.#clock });
    } catch (error) {
      await this.#forget(plugin.pid, await plugin.kill());
      throw error;
    }
  }

  /** The process is in the registry from before its handshake. */
  async #launch({ copy }: Executable): Promise<PluginHost> {
    const { name, launch, launcher = launchPlugin, registry, onEvent } = this.#options;
    if (this.#closing.signal.aborted) {
      throw new PluginError('PLUGIN_START_ABORTED', `The start of plugin "${name}" was given up.`);
    }
    let pid: number | undefined;
    const onOutput = (output: PluginOutput): void => onEvent({ kind: 'output', name, pid: pid ?? 0, output });
    const onProcess = async (record: PluginProcessRecord): Promise<void> => {
      pid = record.pid;
      await registry?.add(record);
    };
    try {
      const command = copy ?? launch.command;
      return await launcher({ ...launch, command, ...this.#hooks(), onOutput, onProcess });
    } catch (error) {
      if (pid !== undefined) await registry?.remove(pid);
      throw error;
    }
  }

  #hooks(): Pick<PluginSupervisorOptions<T>['launch'], 'signal' | 'clock'> {
    return { signal: this.#closing.signal, clock: this.#clock };
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

  /** A restart may have been overtaken by a swap: then it is not needed any more. */
  #adoptRestarted(process: SupervisedProcess<T>): void {
    if (this.#current === undefined) this.#adopt(process);
    else this.#retire(process);
  }

  /** Makes a process the one that serves; the one before it, if any, is retired. */
  #adopt(process: SupervisedProcess<T>): void {
    if (this.#closing.signal.aborted) {
      this.#retire(process);
      return;
    }
    this.#retireCurrent();
    this.#current = process;
    void this.#track(() => this.#executables.keep(process.executable));
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
      const exit = await this.#end(process);
      if (failure !== undefined && this.#lastFailure === failure) this.#lastFailure = withExit(failure, exit);
    });
  }

  /** Ends a process and all that was kept for it. */
  async #end(process: SupervisedProcess<T>): Promise<PluginExit> {
    const exit = await process.retire();
    await this.#forget(process.plugin.pid, exit);
    await this.#executables.release(process.executable);
    return exit;
  }

  /** Strikes a process off the registry, unless the system could not end it. */
  async #forget(pid: number, exit: PluginExit): Promise<void> {
    const isGone = exit.status !== null || exit.signal !== null;
    if (isGone) await this.#options.registry?.remove(pid);
  }

  #swapSteps(): SwapSteps<T> {
    const { name, onEvent } = this.#options;
    return {
      current: () => this.#current,
      ready: () => this.#readyToSwap(),
      prepare: () => this.#prepare(),
      release: (executable) => this.#executables.release(executable),
      bringUp: (executable) => this.#bringUp(executable),
      tryOut: (process) => this.#tryOut(process),
      switchTo: (process) => this.#switchTo(process),
      onEnd: (result) => {
        if (this.#closing.signal.aborted) return;
        if (result.kind === 'swapped') onEvent({ kind: 'swapped', name, swap: result });
        else if (result.kind === 'failed') onEvent({ kind: 'swap-failed', name, failure: result.failure });
      },
      clock: this.#clock,
    };
  }

  async #readyToSwap(): Promise<void> {
    await this.#started;
    if (this.#state !== 'stopped' && this.#state !== 'closing') return;
    throw new PluginError(
      'PLUGIN_CLOSED',
      `Plugin "${this.#options.name}" is not in use: it is ${this.#state}.`,
    );
  }

  /** Closing the supervisor ends the process, and the trial with it. */
  async #tryOut(process: SupervisedProcess<T>): Promise<void> {
    const { name, probe } = this.#options;
    const { signal } = this.#closing;
    const stop = (): void => void process.plugin.kill();
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    try {
      if (probe !== undefined) await process.call(probe);
    } catch (cause) {
      const exit = await this.#end(process);
      const reason = cause instanceof Error ? cause.message : String(cause);
      const message = `The new process of plugin "${name}" failed its trial: ${reason}`;
      throw new PluginLaunchError('PLUGIN_PROBE_FAILED', message, { cause, exit });
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  async #switchTo(process: SupervisedProcess<T>): Promise<void> {
    if (this.#closing.signal.aborted) {
      await this.#end(process);
      throw new PluginError('PLUGIN_CLOSED', `Plugin "${this.#options.name}" was closed during the swap.`);
    }
    this.#cancelRestart();
    this.#nextStartAt = undefined;
    this.#schedule.forgive();
    this.#adopt(process);
  }

  #track<R>(run: () => Promise<R>): Promise<R> {
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
  const { pid, appVersion, protocol, isMutualTls } = process.plugin;
  const { sha256 } = process.executable;
  const { readyAt } = process;
  return { pid, appVersion, protocol, isMutualTls, readyAt, ...(sha256 !== undefined && { sha256 }) };
}

/** A copy that somebody removed cannot be started from any more. */
function isGone(error: unknown): boolean {
  return error instanceof PluginError && error.code === 'PLUGIN_FILE_NOT_FOUND';
}
