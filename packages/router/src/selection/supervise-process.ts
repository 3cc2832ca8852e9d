/** The supervised process of a plugin selection: what go-plugin needs to know of a selector plugin. */
import type { CallOptions } from '@smtp-router/go-plugin/host';
import { PluginSupervisor, type SupervisorEvent } from '@smtp-router/go-plugin/supervisor';
import type { SelectRequest } from '@smtp-router/selector/contract';
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
  'start' | 'call' | 'swap' | 'status' | 'close'
>;

/** Who hears of the process. */
export interface SupervisorHooks {
  onEvent(event: SupervisorEvent): void;
}

/** Makes the supervisor; nothing is started yet. */
export function superviseProcess(
  options: PluginSelectionOptions,
  hooks: SupervisorHooks,
): SelectorSupervisor {
  const { name, command, workingDirectory, passwords, settings, registry, prepare, clock } = options;
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
      ...(options.autoMtls !== undefined && { autoMtls: options.autoMtls }),
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
    probe: (plugin, call) => tryOut(plugin, options.sample?.(), call),
    ...(prepare !== undefined && { prepare }),
    ...(registry !== undefined && { registry }),
    ...(clock !== undefined && { clock }),
  });
}

/** A plugin that cannot answer the sample would not answer mail either; its answer is checked as every other. */
async function tryOut(
  plugin: SelectorPlugin,
  sample: SelectRequest | undefined,
  call: CallOptions,
): Promise<void> {
  if (sample !== undefined) await plugin.select(sample, call);
}
