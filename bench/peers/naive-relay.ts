/**
 * The relay a Node developer would write in an afternoon: smtp-server in front, nodemailer's pool
 * behind, two transports in turn. Run as its own process by peers/naive.ts.
 */
import { readFileSync } from 'node:fs';
import nodemailer from 'nodemailer';
import { SMTPServer } from 'smtp-server';

const [tls = 'off', certificateFile = '', ...ports] = process.argv.slice(2);
const [port, ...sinks] = ports.map(Number);
const pem = tls === 'off' ? undefined : readFileSync(certificateFile);
const transports = sinks.map((sink) =>
  nodemailer.createTransport({
    host: '127.0.0.1',
    port: sink ?? 0,
    pool: true,
    maxConnections: 5,
    secure: false,
    ignoreTLS: true,
    maxMessages: Infinity,
  }),
);
let turn = 0;

const relay = new SMTPServer({
  authOptional: true,
  disabledCommands: tls === 'starttls' ? ['AUTH'] : ['STARTTLS', 'AUTH'],
  secure: tls === 'implicit',
  ...(pem === undefined ? {} : { cert: pem, key: pem }),
  onData(stream, session, done) {
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('end', () => {
      const envelope = {
        from: session.envelope.mailFrom === false ? '' : session.envelope.mailFrom.address,
        to: session.envelope.rcptTo.map((recipient) => recipient.address),
      };
      const transport = transports[turn++ % transports.length];
      transport?.sendMail({ envelope, raw: Buffer.concat(chunks) }, (error) => done(error ?? undefined));
    });
  },
});
// Without a listener the first client that leaves during its handshake would end the process.
relay.on('error', () => undefined);
relay.listen(port, '127.0.0.1');
