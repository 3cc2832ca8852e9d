/** The server engine over a real socket, with nodemailer as the client. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { createTransport } from 'nodemailer';
import { SmtpServerSession } from '../../src/server/smtp-server-session.ts';
import { textOf } from '../support/chunks.ts';

/** What a connection brought. */
interface Taken {
  readonly logins: string[];
  readonly recipients: string[];
  content: string;
}

function serve(socket: Socket, taken: Taken): void {
  const session = new SmtpServerSession({
    hostname: 'mx.example',
    auth: ['PLAIN', 'LOGIN'],
    maxMessageBytes: 1e6,
  });
  const proceed = (): void => {
    for (let event = session.nextEvent(); event !== undefined; event = session.nextEvent()) {
      if (event.kind === 'auth') taken.logins.push(`${event.mechanism} ${event.username} ${event.password}`);
      if (event.kind === 'rcpt') taken.recipients.push(event.forwardPath.address);
      if (event.kind === 'content') taken.content += textOf(event.bytes);
      if (event.kind === 'auth') session.answer({ code: 235, lines: ['Yes'] });
      else if (event.kind === 'data') session.answer({ code: 354, lines: ['Go'] });
      else if (['mail', 'rcpt', 'content-end'].includes(event.kind))
        session.answer({ code: 250, lines: ['Ok'] });
    }
    const output = session.takeOutput();
    if (output !== undefined) socket.write(output);
    if (session.phase === 'closed') socket.end();
  };
  socket.on('data', (bytes) => {
    session.receive(bytes);
    proceed();
  });
  socket.on('error', () => {});
  session.greet();
  proceed();
}

for (const method of ['PLAIN', 'LOGIN']) {
  test(`nodemailer logs in by ${method} and sends a message that arrives as it was composed`, async () => {
    const taken: Taken = { logins: [], recipients: [], content: '' };
    const server = createServer((socket) => serve(socket, taken)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const transport = createTransport({
      host: '127.0.0.1',
      port,
      secure: false,
      ignoreTLS: true,
      authMethod: method,
      auth: { user: 'user@example.com', pass: 'pässword' },
    });
    try {
      const raw = 'Subject: dots\r\n\r\n.\r\n..\r\n.hidden\r\nMAIL FROM:<x@y>\r\n';
      const info = await transport.sendMail({
        envelope: { from: 'a@example.com', to: ['b@example.org', 'c@example.net'] },
        raw,
      });
      assert.match(info.response, /^250 Ok/);
      assert.deepEqual(taken, {
        logins: [`${method} user@example.com pässword`],
        recipients: ['b@example.org', 'c@example.net'],
        content: raw,
      });
    } finally {
      transport.close();
      server.close();
      await once(server, 'close');
    }
  });
}
