/** Where a plugin reaches its host by a broker number (go-plugin grpc_broker.go, Accept). */
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import type { PluginAddress } from '../handshake/plugin-address.ts';

export interface ListeningForPlugin {
  readonly address: PluginAddress;
  /** Stops listening and removes the socket file; connections stay. */
  close(): void;
}

/** Listens in the plugin's own socket directory, which nobody else can enter; on Windows on loopback TCP. */
export async function listenForPlugin(
  socketDirectory: string,
  onConnection: (socket: Socket) => void,
): Promise<ListeningForPlugin> {
  const server = createServer({ noDelay: true }, (socket) => {
    // Told by 'close' too, which whoever owns the socket listens to.
    socket.on('error', () => undefined);
    onConnection(socket);
  });
  const close = (): void => void server.close();
  if (process.platform === 'win32') {
    server.listen({ host: '127.0.0.1', port: 0 });
    await once(server, 'listening');
    const bound = server.address();
    const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
    return { address: { network: 'tcp', host: '127.0.0.1', port }, close };
  }
  const path = join(socketDirectory, `h${randomInt(1_000_000_000)}`);
  server.listen({ path });
  await once(server, 'listening');
  return { address: { network: 'unix', path }, close };
}
