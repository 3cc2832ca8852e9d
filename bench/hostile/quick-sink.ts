import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';

/** A downstream in this process. */
export interface QuickSink {
  readonly port: number;
  /** Bytes written to the router that are no honest reply. */
  floodedBytes(): number;
  stop(): void;
}

/** What the sink does with the first line of a transaction: takes it, or answers without end. */
export type SinkMood = 'honest' | 'endless-lines' | 'endless-line';

/** Starts a downstream that takes every mail, or floods in place of its reply to MAIL. */
export async function startQuickSink(mood: SinkMood = 'honest'): Promise<QuickSink> {
  const sockets = new Set<Socket>();
  let flooded = 0;
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    serve(socket, mood, (bytes) => {
      flooded += bytes;
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    floodedBytes: () => flooded,
    stop: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

function serve(socket: Socket, mood: SinkMood, note: (bytes: number) => void): void {
  let rest = '';
  let isContent = false;
  const say = (text: string): void => {
    socket.write(`${text}\r\n`);
  };
  const answer = (line: string): void => {
    if (isContent) {
      if (line !== '.') return;
      isContent = false;
      say('250 2.0.0 taken');
      return;
    }
    const verb = line.slice(0, 4).toUpperCase();
    isContent = verb === 'DATA';
    if (verb === 'EHLO') say('250-sink\r\n250 PIPELINING');
    else if (verb === 'MAIL' && mood !== 'honest') flood(socket, mood, note);
    else say(isContent ? '354 go on' : '250 2.0.0 ok');
  };
  socket.setEncoding('latin1');
  socket.on('data', (piece: string) => {
    const lines = (rest + piece).split('\r\n');
    rest = lines.pop() ?? '';
    for (const line of lines) answer(line);
  });
  say('220 sink');
}

/** Writes as fast as the router reads, until it hangs up. */
function flood(socket: Socket, mood: SinkMood, note: (bytes: number) => void): void {
  const piece = Buffer.from(
    mood === 'endless-lines' ? '250-and so on\r\n'.repeat(4_096) : 'x'.repeat(65_536),
  );
  if (mood === 'endless-line') socket.write('250-');
  const more = (): void => {
    let hasRoom = true;
    while (hasRoom && !socket.destroyed) {
      hasRoom = socket.write(piece);
      note(piece.length);
    }
  };
  socket.on('drain', more);
  more();
}
