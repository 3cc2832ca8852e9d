/** A TCP proxy on a free port of 127.0.0.1 that remembers what clients said. */
import { connect, createServer, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { atEnd } from './scratch.ts';

/** A running tap; it ends after the test. */
export interface WireTap {
  readonly port: number;
  /** Everything clients sent, one character of latin1 a byte. */
  said(): string;
}

/** Starts one before the server that listens on that port. */
export async function startWireTap(t: TestContext, serverPort: number): Promise<WireTap> {
  const pieces: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const far = connect(serverPort, '127.0.0.1');
    for (const socket of [client, far]) sockets.add(socket.on('error', () => socket.destroy()));
    client.on('data', (bytes: Buffer) => pieces.push(bytes.toString('latin1')));
    client.pipe(far);
    far.pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  atEnd(t, () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return { port: address.port, said: () => pieces.join('') };
}
