/** The options of a launch with every default filled in: what the steps of a launch work from. */
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { type Clock, systemClock } from '../clock.ts';
import { PluginError } from '../errors.ts';
import type { PluginProtocol } from '../handshake/handshake-line.ts';
import { DEFAULT_PORTS, formatHostEnvironment, type PortRange } from '../handshake/host-environment.ts';
import { printable } from '../printable.ts';
import { createTlsIdentity, type TlsIdentity } from '../transport/tls-identity.ts';
import type { AutoMtls } from './auto-mtls.ts';
import { childEnvironment } from './child-environment.ts';
import type { PluginLaunchOptions } from './plugin-launch-options.ts';
import type { PluginOutput } from './plugin-output.ts';
import { platformRunner } from './runner/platform-runner.ts';
import type { Runner, RunnerCommand } from './runner/runner.ts';

/** A plugin that needs longer is broken: Go plugins are up in 10 ms, Node ones in 50 ms. */
const DEFAULT_START_TIMEOUT_MS = 10_000;

export interface LaunchPlan {
  /** How messages call the plugin: `Plugin "name" (file)`. */
  readonly title: string;
  readonly command: string;
  readonly versions: readonly number[];
  readonly protocols: readonly PluginProtocol[];
  /** Whether loopback TCP will do in clear. */
  readonly allowLoopbackTcp: boolean;
  readonly autoMtls: AutoMtls;
  readonly multiplex: boolean;
  /** Made for this start; absent when AutoMTLS is off. */
  readonly identity: TlsIdentity | undefined;
  readonly socketRoot: string;
  readonly startTimeoutMs: number;
  readonly signal: AbortSignal | undefined;
  readonly onOutput: (output: PluginOutput) => void;
  readonly clock: Clock;
  readonly runner: Runner;
  readonly platform: NodeJS.Platform;
  /** What to run, once its socket directory is known. */
  readonly runnerCommand: (socketDirectory: string) => RunnerCommand;
}

/** @throws PluginError `PLUGIN_COMMAND_INVALID` when the options can describe no process */
export function planLaunch(options: PluginLaunchOptions): LaunchPlan {
  checkCommand(options);
  const { platform } = process;
  const command = resolveCommand(options.command);
  const clock = options.clock ?? systemClock;
  const autoMtls = options.autoMtls ?? 'prefer';
  const identity = autoMtls === 'off' ? undefined : createTlsIdentity(clock.wallTime());
  return {
    title: `Plugin "${printable(options.name)}" (${command})`,
    command,
    versions: options.versions,
    protocols: options.protocols ?? ['netrpc', 'grpc'],
    allowLoopbackTcp: options.allowLoopbackTcp ?? false,
    autoMtls,
    identity,
    multiplex: options.multiplex ?? false,
    socketRoot: resolve(options.socketRoot ?? tmpdir()),
    startTimeoutMs: options.startTimeoutMs ?? DEFAULT_START_TIMEOUT_MS,
    signal: options.signal,
    onOutput: options.onOutput ?? (() => undefined),
    clock,
    runner: options.runner ?? platformRunner(platform),
    platform,
    runnerCommand: (socketDirectory) => ({
      command,
      args: options.args ?? [],
      workingDirectory: options.workingDirectory,
      environment: environmentOf(options, { socketDirectory, platform, identity }),
    }),
  };
}

interface EnvironmentPlace {
  readonly socketDirectory: string;
  readonly platform: NodeJS.Platform;
  readonly identity: TlsIdentity | undefined;
}

function environmentOf(options: PluginLaunchOptions, place: EnvironmentPlace): Record<string, string> {
  const ports: PortRange = options.ports ?? DEFAULT_PORTS;
  return childEnvironment({
    host: process.env,
    own: options.environment ?? {},
    protocol: formatHostEnvironment({
      handshake: options.handshake,
      versions: options.versions,
      ports,
      socketDirectory: place.socketDirectory,
      ...(options.multiplex === true && { multiplex: true }),
      ...(place.identity && { clientCertificate: place.identity.certificatePem }),
    }),
    platform: place.platform,
  });
}

/** A path is taken from the host's working directory, whatever the plugin's will be; a bare name is left to PATH. */
function resolveCommand(command: string): string {
  return /[/\\]/.test(command) ? resolve(command) : command;
}

function checkCommand(options: PluginLaunchOptions): void {
  const environment = Object.entries(options.environment ?? {}).flat();
  const { magicCookieKey, magicCookieValue } = options.handshake;
  const problem =
    (options.command === '' && 'its command is empty') ||
    ([options.command, ...(options.args ?? [])].some(hasNul) && 'its command has a NUL character') ||
    (environment.some(hasNul) && 'its environment has a NUL character') ||
    ((magicCookieKey === '' || magicCookieValue === '') && 'its magic cookie is empty') ||
    (options.versions.length === 0 && 'no protocol version is offered');
  if (problem !== false) {
    throw new PluginError(
      'PLUGIN_COMMAND_INVALID',
      `Plugin "${printable(options.name)}" cannot be started: ${problem}.`,
    );
  }
}

function hasNul(text: string): boolean {
  return text.includes('\0');
}
