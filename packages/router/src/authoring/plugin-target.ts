/** A plugin that is tried outside of a router: how it is started, and one process of it. */
import { type AutoMtls, launchPlugin, type PluginHost, type PluginOutput } from '@smtp-router/go-plugin/host';
import {
  type OpeningStep,
  openSelectorPlugin,
  SELECTOR_HANDSHAKE,
  SELECTOR_VERSIONS,
  type SelectorPlugin,
  type SelectorSettings,
} from '@smtp-router/selector/host';

/** Bounds as the configuration has them by default. */
export const START_TIMEOUT_MS = 10_000;
export const CALL_TIMEOUT_MS = 2_000;

/** What a process is started from. */
export interface PluginTarget {
  /** For messages. */
  readonly name: string;
  /** Program and arguments. */
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly settings: SelectorSettings;
  /** Default `prefer`, as in the router. */
  readonly autoMtls?: AutoMtls;
}

/** Who hears of a start. */
export interface TargetHooks {
  readonly onProcess?: (pid: number) => void;
  readonly onOutput?: (output: PluginOutput) => void;
  readonly signal?: AbortSignal;
}

/** Starts a process by the host role, without a supervisor; the caller kills it. */
export function startTarget(
  { name, command, env, autoMtls = 'prefer' }: PluginTarget,
  hooks: TargetHooks,
): Promise<PluginHost> {
  const [program = '', ...args] = command;
  const { onProcess, onOutput, signal } = hooks;
  return launchPlugin({
    name,
    command: program,
    args,
    environment: env,
    handshake: SELECTOR_HANDSHAKE,
    versions: SELECTOR_VERSIONS,
    startTimeoutMs: START_TIMEOUT_MS,
    autoMtls,
    ...(signal !== undefined && { signal }),
    ...(onOutput !== undefined && { onOutput }),
    ...(onProcess !== undefined && { onProcess: ({ pid }: { readonly pid: number }) => onProcess(pid) }),
  });
}

/** Dispenses, describes and configures, as the router would. */
export function openTarget(
  plugin: PluginHost,
  { name, settings }: PluginTarget,
  onStep?: (step: OpeningStep) => void,
): Promise<SelectorPlugin> {
  return openSelectorPlugin(plugin, {
    name,
    tail: 'rest',
    dispenseTimeoutMs: START_TIMEOUT_MS,
    settings,
    ...(onStep !== undefined && { onStep }),
  });
}
