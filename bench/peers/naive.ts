import { join } from 'node:path';
import { portAnswers, startChild } from '../harness/child.ts';
import type { Peer } from '../harness/peer.ts';

/** smtp-server + nodemailer, the libraries most Node projects would take. */
export const naive: Peer = {
  name: 'smtp-server+nodemailer',
  missing: () => undefined,
  start: async ({ port, sinkPorts }) => {
    const script = join(import.meta.dirname, 'naive-relay.ts');
    const child = startChild(process.execPath, [script, `${port}`, ...sinkPorts.map(String)]);
    await portAnswers(port);
    return { address: `127.0.0.1:${port}`, pid: child.pid, stop: child.stop };
  },
};
