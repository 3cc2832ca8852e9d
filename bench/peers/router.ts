import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { portAnswers, startChild } from '../harness/child.ts';
import type { Peer, PeerContext } from '../harness/peer.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const BIN = join(ROOT, 'packages', 'router', 'bin', 'smtp-router.js');
/** Built by `bench/run.ts` from plugins/round_robin. */
export const PLUGIN = join(import.meta.dirname, '..', '.cache', 'round-robin');

/** This router: a real Go plugin asked for every message, metrics and log lines on. */
export const router: Peer = {
  name: 'smtp-router',
  hasPlugin: true,
  missing: () => (existsSync(PLUGIN) ? undefined : 'the Go plugin is not built (go is not installed)'),
  start: async (context) => {
    const file = join(context.folder, 'config.yaml');
    writeFileSync(file, configuration(context));
    const child = startChild(process.execPath, [BIN, 'serve', '-c', file]);
    await portAnswers(context.port);
    return {
      address: `127.0.0.1:${context.port}`,
      auth: 'app@load.test:secret',
      pid: child.pid,
      stop: child.stop,
    };
  },
};

function configuration({ port, sinkPorts, folder }: PeerContext): string {
  const names = sinkPorts.map((_, index) => `sink${index}`);
  return [
    'hostname: router.bench',
    `listen: [{ address: "127.0.0.1:${port}" }]`,
    'users:',
    '  - email: app@load.test',
    '    password: secret',
    '    selector: bench',
    `    downstreams: [${names.join(', ')}]`,
    'downstreams:',
    ...sinkPorts.map((sink, index) => `  sink${index}: { addr: "127.0.0.1:${sink}", tls: off }`),
    'selectors:',
    `  bench: { plugin: ${PLUGIN} }`,
    'admin: { address: "127.0.0.1:0" }',
    `state_dir: ${join(folder, 'state')}`,
    '',
  ].join('\n');
}
