/**
 * The one connection to a plugin. The address comes from the plugin's own mouth, so it is looked at
 * before it is used: a Unix socket must be a socket of this user and not a link to one, TCP must be
 * loopback, and allowed when it is in clear.
 */
import { once } from 'node:events';
import { lstat } from 'node:fs/promises';
import { BlockList, connect, isIPv6, type Socket } from 'node:net';
import { isAbsolute } from 'node:path';
import { PluginError, type PluginErrorCode } from '../errors.ts';
import type { PluginAddress } from '../handshake/plugin-address.ts';
import { maxSocketPathBytes } from '../handshake/socket-path.ts';
import { printable } from '../printable.ts';
import type { LaunchPlan } from './launch-plan.ts';

/** What connections are judged and told by. */
export type ConnectPolicy = Pick<LaunchPlan, 'title' | 'platform' | 'allowLoopbackTcp'>;

/** Where a plugin is to be reached. */
export interface PluginPlace {
  readonly address: PluginAddress;
  /** Whether TLS will tell the plugin from others who answer there. */
  readonly isSecured: boolean;
}

/**
 * Connects once; the caller owns the socket.
 *
 * @throws PluginError `PLUGIN_HANDSHAKE_ADDRESS`, `PLUGIN_SOCKET_UNTRUSTED`, `PLUGIN_TCP_REFUSED`, `PLUGIN_CONNECT_FAILED`
 */
export async function connectPlugin(
  { address, isSecured }: PluginPlace,
  plan: ConnectPolicy,
  signal: AbortSignal,
): Promise<Socket> {
  if (address.network === 'tcp') {
    checkTcpAddress(address, plan, isSecured);
    return open(connect({ host: address.host, port: address.port, noDelay: true }), address, {
      plan,
      signal,
    });
  }
  await checkUnixAddress(address.path, plan);
  return open(connect({ path: address.path }), address, { plan, signal });
}

/**
 * Whether the plugin's socket file is where it was: cleaners of temporary files have removed those of running
 * plugins, which went on unseen until somebody had to connect.
 *
 * @throws PluginError `PLUGIN_SOCKET_LOST`
 */
export async function checkReachable(address: PluginAddress, plan: ConnectPolicy): Promise<void> {
  if (address.network === 'tcp') return;
  await lstat(address.path).catch((cause: unknown) => {
    throw failure('PLUGIN_SOCKET_LOST', plan, `lost its socket ${printable(address.path)}`, cause);
  });
}

interface OpenContext {
  readonly plan: ConnectPolicy;
  readonly signal: AbortSignal;
}

async function open(socket: Socket, address: PluginAddress, { plan, signal }: OpenContext): Promise<Socket> {
  try {
    await once(socket, 'connect', { signal });
    return socket;
  } catch (cause) {
    socket.on('error', () => undefined);
    socket.destroy();
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw failure(
      'PLUGIN_CONNECT_FAILED',
      plan,
      `cannot be reached at ${describe(address)}: ${reason}`,
      cause,
    );
  }
}

function checkTcpAddress(
  { host, port }: { readonly host: string; readonly port: number },
  plan: ConnectPolicy,
  isSecured: boolean,
): void {
  const why = !isLoopback(host)
    ? 'it is not a loopback address'
    : 'it takes up no AutoMTLS, so that every local user could reach it';
  if (isLoopback(host) && (isSecured || plan.allowLoopbackTcp)) return;
  throw failure(
    'PLUGIN_TCP_REFUSED',
    plan,
    `listens on TCP at ${printable(host)}:${port}, which is refused: ${why}`,
  );
}

function isLoopback(host: string): boolean {
  const loopback = new BlockList();
  loopback.addSubnet('127.0.0.0', 8, 'ipv4');
  loopback.addAddress('::1', 'ipv6');
  return host === 'localhost' || loopback.check(host, isIPv6(host) ? 'ipv6' : 'ipv4');
}

async function checkUnixAddress(path: string, plan: ConnectPolicy): Promise<void> {
  const shown = printable(path);
  if (!isAbsolute(path) || Buffer.byteLength(path) > maxSocketPathBytes(plan.platform)) {
    throw failure(
      'PLUGIN_HANDSHAKE_ADDRESS',
      plan,
      `names "${shown}", which is no absolute path a socket can have`,
    );
  }
  const entry = await lstat(path).catch((cause: unknown) => {
    throw failure('PLUGIN_CONNECT_FAILED', plan, `names the socket ${shown}, which is not there`, cause);
  });
  if (!entry.isSocket()) {
    throw failure('PLUGIN_SOCKET_UNTRUSTED', plan, `names ${shown}, which is not a socket`);
  }
  const ownUser = process.geteuid?.();
  if (ownUser !== undefined && entry.uid !== ownUser) {
    throw failure(
      'PLUGIN_SOCKET_UNTRUSTED',
      plan,
      `names the socket ${shown}, which belongs to user ${entry.uid}`,
    );
  }
}

function describe(address: PluginAddress): string {
  return address.network === 'unix' ? printable(address.path) : `${address.host}:${address.port}`;
}

function failure(code: PluginErrorCode, plan: ConnectPolicy, what: string, cause?: unknown): PluginError {
  return new PluginError(code, `${plan.title} ${what}.`, { cause });
}
