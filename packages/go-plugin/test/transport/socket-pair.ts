/** Two connected Unix sockets, and a host and a plugin on them. */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { GOB_BYTES, GOB_INT, GOB_STRING } from '../../src/gob/schema.ts';
import type { RpcService } from '../../src/net-rpc/rpc-service.ts';
import { connectNetRpc, type NetRpcHostOptions } from '../../src/transport/net-rpc-host.ts';
import { serveNetRpcConnection } from '../../src/transport/net-rpc-plugin.ts';
import type { GobArgument, NetRpcPluginConnection } from '../../src/transport/plugin-connection.ts';
import type { ServedConnection, ServeOptions } from '../../src/transport/served-connection.ts';

export interface SocketPair {
  readonly host: Socket;
  readonly plugin: Socket;
}

/** Destroyed, and their directory removed, with the test. */
export async function socketPair(context: TestContext): Promise<SocketPair> {
  const directory = mkdtempSync(join(tmpdir(), 't-'));
  const server = createServer();
  const path = join(directory, 's');
  server.listen(path);
  await once(server, 'listening');
  const host = connect(path);
  const [plugin] = (await once(server, 'connection')) as [Socket];
  server.close();
  context.after(() => {
    host.destroy();
    plugin.destroy();
    rmSync(directory, { recursive: true, force: true });
  });
  return { host, plugin };
}

/** Output that never says anything and never ends. */
export const SILENT: AsyncIterable<Uint8Array> = {
  [Symbol.asyncIterator]: () => ({
    next: () => new Promise(() => undefined),
    return: () => Promise.resolve({ done: true, value: undefined }),
  }),
};

export const IGNORE_OUTPUT = { onStdout: (): void => undefined, onStderr: (): void => undefined };

/** A service that echoes texts and bytes, fails on demand and never answers `Hang`. */
export const ECHO: RpcService = {
  Echo: { argument: GOB_STRING, reply: GOB_STRING, handle: (value) => value },
  Bytes: { argument: GOB_BYTES, reply: GOB_BYTES, handle: (value) => value },
  Fail: {
    argument: GOB_STRING,
    reply: GOB_STRING,
    handle: (value) => Promise.reject(new Error(`cannot ${String(value)}`)),
  },
  Hang: { argument: GOB_STRING, reply: GOB_STRING, handle: () => new Promise(() => undefined) },
  /** Answers after as many turns of the event loop as asked for. */
  Wait: { argument: GOB_INT, reply: GOB_INT, handle: waitTurns },
};

/** Passes that many turns of the event loop. */
export async function waitTurns(turns: unknown): Promise<unknown> {
  for (let turn = 0; turn < Number(turns); turn += 1) await new Promise((resolve) => setImmediate(resolve));
  return turns;
}

export interface Connected {
  readonly host: NetRpcPluginConnection;
  readonly plugin: ServedConnection;
  readonly sockets: SocketPair;
}

/** A host and a plugin that serves `ECHO` as `echo`; both closed with the test. */
export async function connected(
  context: TestContext,
  options: { readonly host?: Partial<NetRpcHostOptions>; readonly plugin?: Partial<ServeOptions> } = {},
): Promise<Connected> {
  const sockets = await socketPair(context);
  const plugin = serveNetRpcConnection(sockets.plugin, {
    dispense: (name) => (name === 'echo' ? ECHO : undefined),
    stdout: SILENT,
    stderr: SILENT,
    onQuit: () => undefined,
    ...options.plugin,
  });
  const host = connectNetRpc(sockets.host, { ...IGNORE_OUTPUT, ...options.host });
  context.after(() => {
    host.close();
    plugin.close();
  });
  return { host, plugin, sockets };
}

export const CALL = { timeoutMs: 20_000 } as const;

export function text(value: string): GobArgument {
  return { type: GOB_STRING, value };
}
