/** Finds a port nobody listens on. */
import { createServer } from 'node:net';

/** How many ports are tried. */
const TRIES = 50;

/** The first free port of loopback from `first` on; 0 (let the system choose) when all are taken. */
export async function firstFreePort(first: number): Promise<number> {
  for (let port = first; port < first + TRIES; port += 1) if (await isFree(port)) return port;
  return 0;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ host: '127.0.0.1', port }, () => probe.close(() => resolve(true)));
  });
}
