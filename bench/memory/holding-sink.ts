import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';

/** A downstream in this process that throws content away and counts it. */
export interface HoldingSink {
  readonly port: number;
  /** Settles when so many messages at a time have been answered 354 and none is being read. */
  readonly isFull: Promise<void>;
  /** Reads on. */
  goOn(): void;
  /** Bytes of content of each message taken, dots stuffed, without the end of data. */
  readonly sizes: readonly number[];
  stop(): void;
}

const END = Buffer.from('\r\n.\r\n');

/** `holdUntil` messages are held at their 354 before the first is read; 0 = every one is read at once. */
export async function startHoldingSink(holdUntil: number): Promise<HoldingSink> {
  const sockets = new Set<Socket>();
  const held = new Set<Socket>();
  const sizes: number[] = [];
  const full = Promise.withResolvers<void>();
  let isHolding = holdUntil > 0;
  const onContent = (socket: Socket): void => {
    if (!isHolding) return;
    held.add(socket);
    socket.pause();
    if (held.size === holdUntil) full.resolve();
  };
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    serve(socket, onContent, (bytes) => sizes.push(bytes));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    isFull: full.promise,
    goOn: () => {
      isHolding = false;
      for (const socket of held) socket.resume();
    },
    sizes,
    stop: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

function serve(socket: Socket, onContent: (socket: Socket) => void, onTaken: (bytes: number) => void): void {
  let commands = '';
  /** Undefined outside of content. */
  let contentBytes: number | undefined;
  let tail: Uint8Array = Buffer.from('\r\n');
  const answer = (line: string): void => {
    const verb = line.slice(0, 4).toUpperCase();
    if (verb === 'DATA') {
      socket.write('354 go on\r\n');
      contentBytes = 0;
      tail = Buffer.from('\r\n');
      onContent(socket);
    } else socket.write(verb === 'EHLO' ? '250-sink\r\n250 PIPELINING\r\n' : '250 2.0.0 ok\r\n');
  };
  socket.on('data', (piece: Buffer) => {
    if (contentBytes === undefined) {
      const lines = (commands + piece.toString('latin1')).split('\r\n');
      commands = lines.pop() ?? '';
      for (const line of lines) answer(line);
      return;
    }
    contentBytes += piece.length;
    tail = Buffer.concat([tail, piece.subarray(-END.length)]).subarray(-END.length);
    if (!END.equals(tail)) return;
    onTaken(contentBytes - 3);
    contentBytes = undefined;
    socket.write('250 2.0.0 taken\r\n');
  });
  socket.write('220 sink\r\n');
}
