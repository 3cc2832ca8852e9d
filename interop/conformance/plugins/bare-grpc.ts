// A gRPC plugin without this project's code and without most services: health, and replies of odd forms.
import { createServer, type ServerHttp2Stream } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const HEADERS = { ':status': 200, 'content-type': 'application/grpc' };

/** A message of one byte string, 0x0a 0x02 "hi", behind its five bytes. */
const HI = Buffer.from('00000000040a026869', 'hex');

function reply(stream: ServerHttp2Stream, bytes: Buffer): void {
  stream.respond(HEADERS, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
  stream.end(bytes);
}

async function split(stream: ServerHttp2Stream): Promise<void> {
  stream.respond(HEADERS, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
  for (const byte of HI) {
    stream.write(Uint8Array.of(byte));
    await new Promise((resolve) => setImmediate(resolve));
  }
  stream.end();
}

const METHODS: Readonly<Record<string, (stream: ServerHttp2Stream) => unknown>> = {
  '/grpc.health.v1.Health/Check': (stream) => reply(stream, Buffer.from('00000000020801', 'hex')),
  '/odd/TrailersOnly': (stream) =>
    stream.respond({ ...HEADERS, 'grpc-status': '9', 'grpc-message': 'not%20now' }, { endStream: true }),
  '/odd/Whole': (stream) => reply(stream, HI),
  '/odd/Split': split,
  '/odd/Compressed': (stream) => reply(stream, Buffer.concat([Uint8Array.of(1), HI.subarray(1)])),
  '/odd/Reset': (stream) => {
    stream.respond(HEADERS);
    stream.write(HI.subarray(0, 6), () => stream.close(2));
  },
};

const server = createServer();
server.on('stream', (stream, headers) => {
  stream.on('error', () => undefined);
  stream.resume();
  const run = METHODS[headers[':path'] ?? ''];
  if (run !== undefined) run(stream);
  else stream.respond({ ...HEADERS, 'grpc-status': '12' }, { endStream: true });
});
const path = join(process.env['PLUGIN_UNIX_SOCKET_DIR'] ?? tmpdir(), `plugin${process.pid}`);
server.listen(path, () => process.stdout.write(`1|1|unix|${path}|grpc|\n`));
