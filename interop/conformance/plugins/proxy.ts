// A plugin behind a proxy: `node proxy.ts COMMAND [ARGUMENT]…`. SIGUSR2 ends the connections under way.
import { spawn } from 'node:child_process';
import { connect, createServer, type Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';

const [, , command = '', ...args] = process.argv;
const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
child.on('exit', (status) => process.exit(status ?? 1));
const sockets = new Set<Socket>();
process.on('SIGUSR2', () => {
  for (const socket of sockets) socket.destroy();
});
createInterface({ input: child.stdout }).once('line', (line) => {
  const fields = line.split('|');
  const [, , , path = ''] = fields;
  const server = createServer((host) => {
    const plugin = connect({ path });
    for (const [socket, other] of [
      [host, plugin],
      [plugin, host],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
  });
  fields[3] = join(dirname(path), `proxy${process.pid}`);
  server.listen(fields[3], () => process.stdout.write(`${fields.join('|')}\n`));
});
