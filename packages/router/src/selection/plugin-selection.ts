/**
 * A plugin as a selection: one supervised process that serves every message of the users who chose
 * it. While it is not there, late, or answers nonsense, `on_failure` decides.
 */
import { FileWatch, type PluginStatus, type SwapResult } from '@smtp-router/go-plugin/supervisor';
import type { SelectReply, SelectRequest } from '@smtp-router/selector/contract';
import { SelectorError } from '@smtp-router/selector/errors';
import { SELECTOR_VERSION_1 } from '@smtp-router/selector/host';
import { type Clock, systemClock } from '../clock.ts';
import { type DecideOptions, decide } from './decide.ts';
import { describeFault } from './describe-fault.ts';
import { Fallback } from './fallback.ts';
import { PluginEvents } from './plugin-events.ts';
import type { PluginSelectionOptions, WatchedFiles } from './plugin-selection-options.ts';
import type { Selection } from './selection.ts';
import { type SelectorSupervisor, type SupervisorHooks, superviseProcess } from './supervise-process.ts';

/** A plugin selection; `start` it before mail flows, `close` it to end the process. */
export interface PluginSelection extends Selection {
  /** Settles after the first start of the plugin, whether it came up or not: `status` tells. */
  start(): Promise<void>;
  status(): PluginStatus;
  /**
   * Replaces the process by one started from the files as they are now, while mail goes on. Settles when
   * that one serves, or came to nothing and the one before serves on; never rejects.
   */
  reload(): Promise<SwapResult>;
}

/** Makes the supervisor; replaced in tests. */
export type Supervise = (options: PluginSelectionOptions, hooks: SupervisorHooks) => SelectorSupervisor;

/** Makes a selection of a plugin; nothing is started yet. */
export function createPluginSelection(
  options: PluginSelectionOptions,
  supervise: Supervise = superviseProcess,
): PluginSelection {
  const { name, clock = systemClock } = options;
  const events = new PluginEvents({
    plugin: name,
    sink: options.events,
    get secrets() {
      return [...(options.passwords?.values() ?? [])];
    },
    starts: () => supervisor.status().starts,
  });
  const supervisor = supervise(options, {
    onEvent: (event) => events.report(event),
  });
  const watch = watchFiles(options.watch, supervisor, clock);
  const how: DecideOptions = {
    name,
    ask: async (request) => {
      if (request.dryRun && isFirstGeneration(supervisor)) throw noDryRun(name);
      return ask(request, { supervisor, timeoutMs: options.timeoutMs, clock });
    },
    fallback: new Fallback(options.onFailure),
    describeFault: (fault) => describeFault(name, fault),
    now: () => clock.now(),
  };
  return {
    name,
    get ignoresDryRun() {
      return isFirstGeneration(supervisor);
    },
    select: (request) => decide(request, how),
    start: async () => {
      // Before the start, so that a change during it is not missed.
      await watch.open();
      await supervisor.start();
    },
    status: () => supervisor.status(),
    reload: () => supervisor.swap({ isForced: true }),
    close: () => {
      watch.close();
      return supervisor.close();
    },
  };
}

/** What such a plugin is sent does not say whether anything will be sent, so that asking takes a turn. */
function isFirstGeneration(supervisor: SelectorSupervisor): boolean {
  return supervisor.status().appVersion === SELECTOR_VERSION_1;
}

function noDryRun(name: string): SelectorError {
  const message = `Plugin "${name}" speaks version 1 of the contract, which cannot be asked without taking its turn; it was not asked.`;
  return new SelectorError('SELECTOR_NO_DRY_RUN', message);
}

/** Swaps when the files changed; a file somebody still writes to is tried again. */
function watchFiles(
  watch: WatchedFiles | undefined,
  supervisor: SelectorSupervisor,
  clock: Clock,
): FileWatch {
  const { files = [], isMoreThanChecksum: isForced = false } = watch ?? {};
  const onChange = async (): Promise<boolean> => {
    const result = await supervisor.swap({ isForced });
    return result.kind !== 'failed' || result.failure.error.code !== 'PLUGIN_FILE_BUSY';
  };
  return new FileWatch({ files, onChange, clock });
}

/** Whom to ask, and how long at most. */
interface AskContext {
  readonly supervisor: SelectorSupervisor;
  /** Deadline of a call, kept by the supervisor. */
  readonly timeoutMs: number;
  readonly clock: Clock;
}

/**
 * Asks the plugin. A request that has less time than a call is cancelled when its time is over, which
 * is not held against the plugin as a missed deadline is. A request without a limit has 0.
 */
function ask(request: SelectRequest, context: AskContext): Promise<SelectReply> {
  const isShort = request.timeoutMs > 0 && request.timeoutMs < context.timeoutMs;
  if (isShort) return askInTime(request, context);
  return context.supervisor.call((plugin, call) => plugin.select(request, call));
}

async function askInTime(request: SelectRequest, { supervisor, clock }: AskContext): Promise<SelectReply> {
  const limit = new AbortController();
  const cancel = clock.schedule(request.timeoutMs, () => limit.abort());
  try {
    return await supervisor.call((plugin, call) => plugin.select(request, { ...call, signal: limit.signal }));
  } finally {
    cancel();
  }
}
