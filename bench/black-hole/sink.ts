import { createServer, type Socket } from 'node:net';

/** A downstream that takes everything. */
export interface Sink {
  close(): Promise<void>;
}

/** Listens there; `onTaken` is called for each message, when its end has come. */
export async function startSink(host: string, port: number, onTaken: () => void = () => {}): Promise<Sink> {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => {});
    converse(socket, onTaken);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, host, resolve);
  });
  return {
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function converse(socket: Socket, onTaken: () => void): void {
  let rest = '';
  let isContent = false;
  socket.setEncoding('latin1').write('220 sink ESMTP\r\n');
  socket.on('data', (piece: string) => {
    const lines = (rest + piece).split('\r\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (!isContent) {
        isContent = line === 'DATA';
        socket.write(`${answerTo(line)}\r\n`);
      } else if (line === '.') {
        isContent = false;
        onTaken();
        socket.write('250 2.0.0 taken\r\n');
      }
    }
  });
}

function answerTo(line: string): string {
  if (line.startsWith('EHLO')) return '250-sink\r\n250-8BITMIME\r\n250 PIPELINING';
  if (line === 'DATA') return '354 go on';
  return line === 'QUIT' ? '221 2.0.0 bye' : '250 2.0.0 ok';
}
