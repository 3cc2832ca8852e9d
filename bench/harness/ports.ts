import { createServer } from 'node:net';

/** Free TCP ports on loopback, asked from the kernel together so that they differ. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const holders = Array.from({ length: count }, () => createServer());
  await Promise.all(
    holders.map((holder) => new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve))),
  );
  const ports = holders.map((holder) => {
    const address = holder.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  });
  await Promise.all(holders.map((holder) => new Promise((resolve) => holder.close(resolve))));
  return ports;
}
