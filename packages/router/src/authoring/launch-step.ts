import type { CheckStepName } from './check-step.ts';

/** What a launch goes through after the file was found, in order. */
export const LAUNCH_STEPS = [
  'start',
  'handshake',
  'version',
  'transport',
  'tls',
  'connect',
] as const satisfies readonly CheckStepName[];

export type LaunchStep = (typeof LAUNCH_STEPS)[number];

/** First row whose code, or beginning of a code, fits; what fits none belongs to the connection. */
const STEPS: readonly (readonly [code: string, step: LaunchStep])[] = [
  ['PLUGIN_FILE_', 'start'],
  ['PLUGIN_COMMAND_', 'start'],
  ['PLUGIN_SPAWN_', 'start'],
  ['PLUGIN_SOCKET_DIRECTORY_', 'start'],
  ['PLUGIN_SOCKET_PATH_', 'start'],
  ['PLUGIN_START_', 'handshake'],
  ['PLUGIN_EXITED_EARLY', 'handshake'],
  ['PLUGIN_HANDSHAKE_CERTIFICATE', 'tls'],
  ['PLUGIN_HANDSHAKE_', 'handshake'],
  ['PLUGIN_VERSION_', 'version'],
  ['PLUGIN_PROTOCOL_', 'transport'],
  ['PLUGIN_TCP_', 'transport'],
  ['PLUGIN_TLS_', 'tls'],
];

/** The step at which a launch failed with a code of the catalogue. */
export function failedLaunchStep(code: string): LaunchStep {
  return STEPS.find(([beginning]) => code.startsWith(beginning))?.[1] ?? 'connect';
}

/** The steps that were gone through before one, the first excepted. */
export function stepsPassedBefore(step: LaunchStep): readonly LaunchStep[] {
  return LAUNCH_STEPS.slice(1, Math.max(1, LAUNCH_STEPS.indexOf(step)));
}
