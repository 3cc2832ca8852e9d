/**
 * A plugin as a selection: one supervised process that serves every message of the users who chose
 * it. While it is not there, late, or answers nonsense, `on_failure` decides.
 */
import { type PluginStatus, PluginSupervisor, type SupervisorEvent } from '@smtp-router/go-plugin/supervisor';
import type { SelectReply, SelectRequest } from '@smtp-router/selector/contract';
import {
  openSelectorPlugin,
  SELECTOR_HANDSHAKE,
  SELECTOR_VERSION_1,
  type SelectorPlugin,
  type Tail,
} from '@smtp-router/selector/host';
import { type Clock, systemClock } from '../clock.ts';
import type { EventSink } from '../events/event-sink.ts';
import { type DecideOptions, decide } from './decide.ts';
import { Fallback, type OnFailure } from './fallback.ts';
import { PluginEvents } from './plugin-events.ts';
import type { Selection } from './selection.ts';

/** A plugin under its configured name; times in milliseconds. */
export interface PluginSelectionOptions {
  readonly name: string;
  /** Program and arguments; at least the program. */
  readonly command: readonly [string, ...string[]];
  /** Besides the allow-listed variables; nothing else is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly startTimeoutMs: number;
  /** Of one call; a request may ask for less. */
  readonly timeoutMs: number;
  readonly maxInFlight: number;
  readonly onFailure: OnFailure;
  /** What follows a string answer. */
  readonly tail: Tail;
  /** By downstream id. Given only where the operator exposes passwords to this plugin. */
  readonly passwords?: ReadonlyMap<string, string>;
  readonly events: EventSink;
  readonly clock?: Clock;
}

/** A plugin selection; `start` it before mail flows, `close` it to end the process. */
export interface PluginSelection extends Selection {
  /** Settles after the first start of the plugin, whether it came up or not: `status` tells. */
  start(): Promise<void>;
  status(): PluginStatus;
}

/** What a selection needs of a supervisor. */
export type SelectorSupervisor = Pick<
  PluginSupervisor<SelectorPlugin>,
  'start' | 'call' | 'status' | 'close'
>;

/** Makes the supervisor; replaced in tests. */
export type Supervise = (
  options: PluginSelectionOptions,
  onEvent: (event: SupervisorEvent) => void,
) => SelectorSupervisor;

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
  const supervisor = supervise(options, (event) => events.report(event));
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

function superviseProcess(
  options: PluginSelectionOptions,
  onEvent: (event: SupervisorEvent) => void,
): SelectorSupervisor {
  const { name, command, passwords, clock } = options;
  const [program, ...args] = command;
  return new PluginSupervisor<SelectorPlugin>({
    name,
    launch: {
      name,
      command: program,
      args,
      environment: options.env,
      handshake: SELECTOR_HANDSHAKE,
      versions: [SELECTOR_VERSION_1],
      startTimeoutMs: options.startTimeoutMs,
    },
    open: (plugin) =>
      openSelectorPlugin(plugin, {
        name,
        tail: options.tail,
        dispenseTimeoutMs: options.startTimeoutMs,
        ...(passwords !== undefined && { passwordOf: (id: string) => passwords.get(id) }),
      }),
    onEvent,
    callTimeoutMs: options.timeoutMs,
    maxInFlight: options.maxInFlight,
    ...(clock !== undefined && { clock }),
  });
}
