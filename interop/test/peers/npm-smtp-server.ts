/**
 * The npm package smtp-server, in this process.
 */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { atEnd } from '../support/scratch.ts';
import { PEER_LOGIN, PEER_TLS, type Peer } from './peer.ts';

/** Undoes the doubling of dots, keeps CRLF. */
export const npmSmtpServer: Peer = {
  name: 'npm smtp-server',
  lineEnd: '\r\n',
  missing: async () => [],
  start: async (t) => {
    const taken: Buffer[] = [];
    const server = new SMTPServer({
      key: await readFile(PEER_TLS.key),
      cert: await readFile(PEER_TLS.cert),
      authMethods: ['PLAIN'],
      // The router may still hold a connection when the test ends.
      closeTimeout: 100,
      disableReverseLookup: true,
      onAuth: (auth, _session, callback) => {
        const isRight = auth.username === PEER_LOGIN.user && auth.password === PEER_LOGIN.pass;
        if (isRight) callback(null, { user: auth.username });
        else callback(Object.assign(new Error('wrong login'), { responseCode: 535 }));
      },
      onData: (stream, _session, callback) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          taken.push(Buffer.concat(chunks));
          callback(null, 'Taken');
        });
      },
    });
    // A client that goes away in the middle of something.
    server.on('error', () => undefined);
    server.listen(0, '127.0.0.1');
    await once(server.server, 'listening');
    atEnd(t, () => new Promise<void>((resolve) => server.close(resolve)));
    // A TCP server's address is an AddressInfo once it listens.
    const { port } = server.server.address() as AddressInfo;
    return { port, take: async () => taken.splice(0) };
  },
};
