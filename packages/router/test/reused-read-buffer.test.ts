import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { acceptIntoOneBuffer, readIntoOneBuffer } from '../src/reused-read-buffer.ts';

const IS_USED = process.platform !== 'win32';

async function listening(t: TestContext, onSocket: (socket: Socket) => void): Promise<number> {
  const server = createServer({ allowHalfOpen: true }, onSocket);
  t.after(() => server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  assert.equal(acceptIntoOneBuffer(server, onSocket), IS_USED);
  const address = server.address();
  return address !== null && typeof address === 'object' ? address.port : 0;
}

function opened(t: TestContext, port: number): Socket {
  const socket: Socket = connect({ host: '127.0.0.1', port, ...readIntoOneBuffer(() => socket) });
  t.after(() => socket.destroy());
  return socket;
}

/** Everything a socket gets until its peer ends. */
async function received(socket: Socket): Promise<Buffer> {
  const pieces: Buffer[] = [];
  socket.on('data', (piece: Buffer) => pieces.push(piece));
  await once(socket, 'end');
  return Buffer.concat(pieces);
}

test('sockets that read by turns keep what each of them got', async (t) => {
  const kept = new Map<Socket, Buffer[]>();
  const port = await listening(t, (socket) => {
    kept.set(socket, []);
    socket.on('data', (piece) => {
      kept.get(socket)?.push(piece);
      socket.write(piece);
    });
    socket.on('end', () => socket.end());
  });
  const sizes = [1, 64, 65, 3_000, 65_536, 200_000];
  const clients = sizes.map((size, index) => ({
    socket: opened(t, port),
    sent: Buffer.alloc(size, index + 1),
  }));
  const echoes = clients.map(({ socket, sent }) => {
    socket.write(sent.subarray(0, 1));
    socket.end(sent.subarray(1));
    return received(socket);
  });
  for (const [index, echo] of (await Promise.all(echoes)).entries()) {
    assert.deepEqual(echo, clients[index]?.sent);
  }
  const served = [...kept.values()]
    .map((pieces) => Buffer.concat(pieces))
    .sort((a, b) => a.length - b.length);
  assert.deepEqual(
    served,
    clients.map(({ sent }) => sent),
  );
});

test('what nobody listens for waits in the stream, and a full stream stops the reading', async (t) => {
  const accepted = Promise.withResolvers<Socket>();
  const port = await listening(t, accepted.resolve);
  const client = opened(t, port);
  const sent = Buffer.alloc(32 * 2 ** 20, 7);
  client.end(sent);
  const socket = await accepted.promise;
  t.after(() => socket.destroy());
  while (socket.readableLength < socket.readableHighWaterMark) await turn();
  for (let turns = 0; turns < 20; turns += 1) await turn();
  assert.ok(socket.readableLength < socket.readableHighWaterMark + 65_536);
  assert.deepEqual(await received(socket), sent);
});

test('a paused socket hands nothing on, and everything once it goes on', async (t) => {
  const accepted = Promise.withResolvers<Socket>();
  const port = await listening(t, accepted.resolve);
  const client = opened(t, port);
  const socket = await accepted.promise;
  t.after(() => socket.destroy());
  const pieces: string[] = [];
  socket.on('data', (piece) => {
    pieces.push(String(piece));
    socket.pause();
  });
  client.write('one');
  await once(socket, 'pause');
  client.end('two');
  await turn();
  assert.deepEqual(pieces, ['one']);
  socket.resume();
  await once(socket, 'pause');
  assert.deepEqual(pieces, ['one', 'two']);
  socket.resume();
  await once(socket, 'end');
});

test('a server without the handle that is known goes on as it is', () => {
  const server = createServer();
  assert.equal(
    acceptIntoOneBuffer(server, () => {}),
    false,
  );
  const strange = Object.assign(Object.create(server) as Server, { _handle: { onconnection: 'else' } });
  assert.equal(
    acceptIntoOneBuffer(strange, () => {}),
    false,
  );
});
