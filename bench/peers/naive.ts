import { join } from 'node:path';
import { portAnswers, startChild } from '../harness/child.ts';
import type { Peer } from '../harness/peer.ts';

/** smtp-server + nodemailer, the libraries most Node projects would take. */
export const naive: Peer = {
  name: 'smtp-server+nodemailer',
  missing: () => undefined,
  start: async ({ port, sinkPorts, setup, certificateFile }) => {
    const script = join(import.meta.dirname, 'naive-relay.ts');
    const options = [setup.tls, certificateFile, `${port}`, ...sinkPorts.map(String)];
    const child = startChild(process.execPath, [script, ...options]);
    await portAnswers(port, 15_000, setup.tls === 'implicit' ? 'connection' : 'greeting');
    return { address: `127.0.0.1:${port}`, pid: child.pid, stop: child.stop };
  },
};
