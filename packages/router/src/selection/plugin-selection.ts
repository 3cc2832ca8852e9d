/**
 * A plugin as a selection: one supervised process that serves every message of the users who chose
 * it. While it is not there, late, or answers nonsense, `on_failure` decides.
 */
import type { PluginStatus } from '@smtp-router/go-plugin/supervisor';
import type { SelectReply, SelectRequest } from '@smtp-router/selector/contract';
import { systemClock } from '../clock.ts';
import { type DecideOptions, decide } from './decide.ts';
import { Fallback } from './fallback.ts';
import { PluginEvents } from './plugin-events.ts';
import type { PluginSelectionOptions } from './plugin-selection-options.ts';
import type { Selection } from './selection.ts';
import { type SelectorSupervisor, type SupervisorHooks, superviseProcess } from './supervise-process.ts';

export type { PluginSelectionOptions } from './plugin-selection-options.ts';

/** A plugin selection; `start` it before mail flows, `close` it to end the process. */
export interface PluginSelection extends Selection {
  /** Settles after the first start of the plugin, whether it came up or not: `status` tells. */
  start(): Promise<void>;
  status(): PluginStatus;
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
    secrets: [...(options.passwords?.values() ?? [])],
    starts: () => supervisor.status().starts,
  });
  const supervisor = supervise(options, {
    onEvent: (event) => events.report(event),
    onProcess: (pid) => events.processStarted(pid),
  });
  const how: DecideOptions = {
    name,
    ask: (request) => ask(request, supervisor),
    fallback: new Fallback(options.onFailure),
    describeFault: (fault) => describeFault(name, fault),
    now: () => clock.now(),
  };
  return {
    name,
    select: (request) => decide(request, how),
    start: () => supervisor.start(),
    status: () => supervisor.status(),
    close: () => supervisor.close(),
  };
}

/** Asks within the shorter of both deadlines; a request without one has 0. */
function ask(request: SelectRequest, supervisor: SelectorSupervisor): Promise<SelectReply> {
  return supervisor.call((plugin, call) => {
    const timeoutMs = request.timeoutMs > 0 ? Math.min(call.timeoutMs, request.timeoutMs) : call.timeoutMs;
    return plugin.select(request, { ...call, timeoutMs });
  });
}

function describeFault(name: string, fault: unknown): string {
  const message = fault instanceof Error ? fault.message : 'an unknown fault';
  return message.includes(`"${name}"`) ? message : `Plugin "${name}": ${message}`;
}
