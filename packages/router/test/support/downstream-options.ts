/** Options of a downstream for tests: short names, generous time-outs. */
import { fileURLToPath } from 'node:url';
import type { DownstreamOptions, DownstreamTimeouts } from '../../src/downstream/downstream-options.ts';

/** Long enough that only what a test shortens can end. */
export const GENEROUS: DownstreamTimeouts = {
  connectMs: 30_000,
  tlsMs: 30_000,
  greetingMs: 30_000,
  ehloMs: 30_000,
  authMs: 30_000,
  mailMs: 30_000,
  rcptMs: 30_000,
  dataMs: 30_000,
  dotMs: 30_000,
};

export function downstreamOptions(port: number, changes: Partial<DownstreamOptions> = {}): DownstreamOptions {
  return {
    name: 'ses',
    host: '127.0.0.1',
    port,
    addr: `127.0.0.1:${port}`,
    heloName: 'router.example.com',
    tls: 'off',
    isTlsVerified: true,
    timeouts: GENEROUS,
    maxConnections: 4,
    maxMessagesPerConnection: 100,
    weight: 1,
    labels: {},
    ...changes,
  };
}

/** Path of a file in fixtures/tls. */
export function tlsFixture(name: string): string {
  return fileURLToPath(new URL(`fixtures/tls/${name}`, import.meta.url));
}
