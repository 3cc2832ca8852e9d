/** The supervised process of a plugin selection: what go-plugin needs to know of a selector plugin. */
import {
  PluginSupervisor,
  type ProcessRegistry,
  type SupervisorEvent,
} from '@smtp-router/go-plugin/supervisor';
import {
  openSelectorPlugin,
  SELECTOR_HANDSHAKE,
  SELECTOR_VERSIONS,
  type SelectorPlugin,
} from '@smtp-router/selector/host';
import type { PluginSelectionOptions } from './plugin-selection-options.ts';

/** What a selection needs of a supervisor. */
export type SelectorSupervisor = Pick<
  PluginSupervisor<SelectorPlugin>,
  'start' | 'call' | 'status' | 'close'
>;

/** Who hears of the process. */
export interface SupervisorHooks {
  onEvent(event: SupervisorEvent): void;
  /** A process was started; its output follows, and `ready` or a failure. */
  onProcess(pid: number): void;
}

/** Makes the supervisor; nothing is started yet. */
export function superviseProcess(
  options: PluginSelectionOptions,
  hooks: SupervisorHooks,
): SelectorSupervisor {
  const { name, command, workingDirectory, passwords, settings, clock } = options;
  const [program, ...args] = command;
  return new PluginSupervisor<SelectorPlugin>({
    name,
    launch: {
      name,
      command: program,
      args,
      ...(workingDirectory !== undefined && { workingDirectory }),
      environment: options.env,
      handshake: SELECTOR_HANDSHAKE,
      versions: SELECTOR_VERSIONS,
      startTimeoutMs: options.startTimeoutMs,
    },
    open: (plugin) =>
      openSelectorPlugin(plugin, {
        name,
        tail: options.tail,
        dispenseTimeoutMs: options.startTimeoutMs,
        ...(settings !== undefined && { settings }),
        ...(passwords !== undefined && { passwordOf: (id: string) => passwords.get(id) }),
      }),
    onEvent: (event) => hooks.onEvent(event),
    callTimeoutMs: options.timeoutMs,
    maxInFlight: options.maxInFlight,
    registry: listeningRegistry(hooks, options.registry),
    ...(clock !== undefined && { clock }),
  });
}

/** Tells the hooks of each process on its way to the registry, if there is one. */
function listeningRegistry(hooks: SupervisorHooks, registry: ProcessRegistry | undefined): ProcessRegistry {
  return {
    add: async (record) => {
      hooks.onProcess(record.pid);
      await registry?.add(record);
    },
    remove: async (pid) => {
      await registry?.remove(pid);
    },
  };
}
