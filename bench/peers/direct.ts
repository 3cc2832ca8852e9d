import { setupOf } from '../harness/cells.ts';
import type { Peer } from '../harness/peer.ts';

/** Generator straight to the sinks: the ceiling of the harness. */
export const direct: Peer = {
  name: 'direct',
  missing: (cell) => {
    if (cell.kind === 'idle') return 'there is no relay to measure';
    return setupOf(cell).tls === 'off' ? undefined : 'the sinks speak no TLS';
  },
  start: async ({ sinkPorts }) => ({
    address: sinkPorts.map((port) => `127.0.0.1:${port}`).join(','),
    stop: async () => {},
  }),
};
