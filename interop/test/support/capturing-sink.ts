/**
 * A downstream that keeps the bytes on the wire: what smtp-sink hides by dropping CR and undoing dots.
 * It answers just enough SMTP to be sent to, strictly one reply per line, and takes any login that AUTH gives
 * in its first line (smtp-sink answers AUTH with 250, which no client takes for a success).
 */
import { createServer, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { atEnd } from './scratch.ts';

/** A running sink on a free port of 127.0.0.1. */
export interface CapturingSink {
  readonly port: number;
  /** The bytes after each 354, up to and including CRLF.CRLF. */
  readonly contents: readonly Buffer[];
}

/** Starts one; it ends after the test. */
export async function startCapturingSink(t: TestContext): Promise<CapturingSink> {
  const contents: Buffer[] = [];
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket.on('error', () => socket.destroy()));
    capture(socket, contents);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  atEnd(t, () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return { port: address.port, contents };
}

const END = Buffer.from('\r\n.\r\n');

function capture(socket: Socket, contents: Buffer[]): void {
  let pending = Buffer.alloc(0);
  let isContent = false;
  socket.write('220 capture.example.com ESMTP\r\n');
  socket.on('data', (chunk: Buffer) => {
    pending = Buffer.concat([pending, chunk]);
    for (;;) {
      const end = isContent ? endOfContent(pending) : pending.indexOf('\r\n') + 2;
      if (end < 2) return;
      const piece = pending.subarray(0, end);
      pending = pending.subarray(end);
      if (isContent) contents.push(piece);
      const reply = isContent ? '250 2.0.0 kept\r\n' : replyTo(piece.toString('latin1'));
      isContent = reply.startsWith('354');
      socket.write(reply);
      if (reply.startsWith('221')) socket.end();
    }
  });
}

/** Position behind CRLF.CRLF, or -1; content that is empty is a dot line at once. */
function endOfContent(bytes: Buffer): number {
  if (bytes.indexOf('.\r\n') === 0) return 3;
  const at = bytes.indexOf(END);
  return at < 0 ? -1 : at + END.length;
}

function replyTo(line: string): string {
  switch (line.slice(0, 4).toUpperCase()) {
    case 'EHLO':
      return '250-capture.example.com\r\n250-AUTH PLAIN\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SIZE 0\r\n';
    case 'AUTH':
      return '235 2.7.0 welcome\r\n';
    case 'DATA':
      return '354 go on\r\n';
    case 'QUIT':
      return '221 2.0.0 bye\r\n';
    default:
      return '250 2.0.0 ok\r\n';
  }
}
