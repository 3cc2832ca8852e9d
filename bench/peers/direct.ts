import type { Peer } from '../harness/peer.ts';

/** Generator straight to the sinks: the ceiling of the harness. */
export const direct: Peer = {
  name: 'direct',
  missing: () => undefined,
  start: async ({ sinkPorts }) => ({
    address: sinkPorts.map((port) => `127.0.0.1:${port}`).join(','),
    stop: async () => {},
  }),
};
