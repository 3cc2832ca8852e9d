/** Where a plugin waits for its host (go-plugin server.go, serverListener). */
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PluginError } from '../errors.ts';
import type { PortRange } from '../handshake/host-environment.ts';
import type { PluginAddress } from '../handshake/plugin-address.ts';
import type { PluginEnvironment } from '../handshake/plugin-environment.ts';
import { maxSocketPathBytes } from '../handshake/socket-path.ts';
import { shareWithGroup } from './socket-group.ts';

export interface PluginListener {
  readonly address: PluginAddress;
  /** Stops listening and removes the socket file, at once; connections stay. Idempotent. */
  close(): void;
}

export interface ListenOptions {
  readonly network: 'unix' | 'tcp';
  readonly environment: PluginEnvironment;
  readonly onConnection: (socket: Socket) => void;
}

/** @throws PluginError `PLUGIN_LISTEN_FAILED` */
export async function listen(options: ListenOptions): Promise<PluginListener> {
  const server = createServer({ noDelay: true }, options.onConnection);
  const address =
    options.network === 'unix'
      ? await listenOnUnixSocket(server, options.environment)
      : await listenOnTcp(server, options.environment.ports);
  return {
    address,
    close: () => {
      server.close();
    },
  };
}

async function listenOnUnixSocket(server: Server, environment: PluginEnvironment): Promise<PluginAddress> {
  const path = join(environment.socketDirectory ?? tmpdir(), `plugin${randomInt(1_000_000_000)}`);
  const limit = maxSocketPathBytes(process.platform);
  if (Buffer.byteLength(path) > limit) {
    throw failure(`the socket path ${path} is longer than the ${limit} bytes the system allows`);
  }
  try {
    await start(server, { path });
    if (environment.socketGroup !== undefined) await shareWithGroup(path, environment.socketGroup);
  } catch (cause) {
    throw failure(`${path} cannot be listened on: ${text(cause)}`, cause);
  }
  return { network: 'unix', path };
}

const LOOPBACK = '127.0.0.1';

async function listenOnTcp(server: Server, ports: PortRange | undefined): Promise<PluginAddress> {
  const { min, max } = ports ?? { min: 0, max: 0 };
  for (let port = min; port <= max; port++) {
    if (await tryPort(server, port)) return { network: 'tcp', host: LOOPBACK, port: portOf(server) };
  }
  throw failure(`no port from ${min} to ${max} is free on ${LOOPBACK}`);
}

async function tryPort(server: Server, port: number): Promise<boolean> {
  try {
    await start(server, { host: LOOPBACK, port });
    return true;
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    if (code === 'EADDRINUSE' || code === 'EACCES') return false;
    throw failure(`${LOOPBACK}:${port} cannot be listened on: ${text(cause)}`, cause);
  }
}

async function start(
  server: Server,
  where: { path: string } | { host: string; port: number },
): Promise<void> {
  server.listen(where);
  await once(server, 'listening');
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function failure(what: string, cause?: unknown): PluginError {
  return new PluginError('PLUGIN_LISTEN_FAILED', `The plugin cannot serve: ${what}.`, { cause });
}

function text(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
