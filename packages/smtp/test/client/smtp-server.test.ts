/** The client engine over a real socket, with smtp-server as the server. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { test } from 'node:test';
import { SMTPServer } from 'smtp-server';
import { SmtpClientSession } from '../../src/client/smtp-client-session.ts';
import { DotStuffer } from '../../src/grammar/dot-stuffer.ts';
import { bytesOf } from '../support/chunks.ts';
import { parseTransaction } from '../support/client-driver.ts';

interface Taken {
  readonly logins: string[];
  readonly messages: string[];
}

async function startServer(authMethods: string[], taken: Taken): Promise<SMTPServer> {
  const server = new SMTPServer({
    authMethods,
    allowInsecureAuth: true,
    disabledCommands: ['STARTTLS'],
    disableReverseLookup: true,
    onAuth(auth, _session, callback) {
      taken.logins.push(`${auth.method} ${auth.username} ${auth.password}`);
      callback(null, { user: auth.username });
    },
    onRcptTo(address, _session, callback) {
      callback(
        address.address.startsWith('no') ? Object.assign(new Error('none'), { responseCode: 550 }) : null,
      );
    },
    onData(stream, _session, callback) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        taken.messages.push(Buffer.concat(chunks).toString('latin1'));
        callback(null, 'Taken');
      });
    },
  });
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  return server;
}

/** Sends each content in a transaction of its own; answers every recipient reply and final reply. */
function send(port: number, contents: readonly string[]): Promise<readonly number[]> {
  const left = [...contents];
  const codes: number[] = [];
  const session = new SmtpClientSession({
    heloName: 'c.example',
    startTls: 'never',
    isPlaintextAuthAllowed: true,
    credentials: { username: 'user', password: 'pass' },
  });
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    const proceed = (): void => {
      for (let event = session.nextEvent(); event !== undefined; event = session.nextEvent()) {
        if (event.kind === 'session-failed') socket.destroy(new Error(event.message));
        if (event.kind === 'recipient-reply' || event.kind === 'transaction-end')
          codes.push(event.reply.code);
        if (event.kind === 'ready' && left.length > 0)
          session.begin(parseTransaction('<a@b.example> -> <yes@c.example> <no@c.example>'));
        else if (event.kind === 'ready') session.quit();
        if (event.kind === 'content-wanted') {
          const stuffer = new DotStuffer();
          for (const piece of stuffer.stuff(bytesOf(left.shift() ?? ''))) socket.write(piece);
          session.contentSent();
          socket.write(stuffer.finish());
        }
      }
      const output = session.takeOutput();
      if (output !== undefined) socket.write(output);
    };
    socket.on('data', (bytes) => {
      session.receive(bytes);
      proceed();
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(codes));
  });
}

for (const method of ['PLAIN', 'LOGIN']) {
  test(`Two messages reach smtp-server after a login by ${method}, refusals told one by one`, async () => {
    const taken: Taken = { logins: [], messages: [] };
    const server = await startServer([method], taken);
    try {
      const { port } = server.server.address() as AddressInfo;
      const contents = ['Subject: a\r\n\r\n.\r\n..x\r\n', 'Subject: b\r\n\r\nRSET\r\n'];
      assert.deepEqual(await send(port, contents), [250, 550, 250, 250, 550, 250]);
      assert.deepEqual(taken, { logins: [`${method} user pass`], messages: contents });
    } finally {
      await new Promise<void>((resolve) => server.close(() => resolve()));
    }
  });
}
