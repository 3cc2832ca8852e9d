import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { portAnswers, startChild } from '../harness/child.ts';
import type { Peer, PeerContext } from '../harness/peer.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const BIN = join(ROOT, 'packages', 'router', 'bin', 'smtp-router.js');
/** Built by `bench/run.ts` from plugins/round_robin. */
export const PLUGIN = join(import.meta.dirname, '..', '.cache', 'round-robin');

/**
 * This router: a real Go plugin asked for every message, metrics on, a log line per message into a file.
 * Clients log in, except where every message has its own connection: no other peer checks passwords.
 */
export const router: Peer = {
  name: 'smtp-router',
  hasPlugin: true,
  missing: () => (existsSync(PLUGIN) ? undefined : 'the Go plugin is not built (go is not installed)'),
  start: async (context) => {
    const { folder, port, setup } = context;
    const file = join(folder, 'config.yaml');
    writeFileSync(file, configuration(context));
    const child = startChild(process.execPath, [BIN, 'serve', '-c', file], {
      outputFile: join(folder, 'router.log'),
    });
    await portAnswers(port, 15_000, setup.tls === 'implicit' ? 'connection' : 'greeting');
    return {
      address: `127.0.0.1:${port}`,
      ...(setup.mode === 'one' ? {} : { auth: 'app@load.test:secret' }),
      pid: child.pid,
      stop: child.stop,
    };
  },
};

function configuration(context: PeerContext): string {
  const { sinkPorts, folder, setup, certificateFile } = context;
  const names = sinkPorts.map((_, index) => `sink${index}`);
  const tls = `tls: { cert: ${certificateFile}, key: ${certificateFile} }`;
  return [
    'hostname: router.bench',
    `listen: [{ ${listener(context)} }]`,
    ...(setup.tls === 'off' ? [] : [tls]),
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
    'log: { level: info, format: json }',
    `state_dir: ${join(folder, 'state')}`,
    'shutdown_grace: 1s',
    '',
  ].join('\n');
}

function listener({ port, setup }: PeerContext): string {
  const auth = setup.mode === 'one' ? ', auth: off, user: app@load.test' : '';
  return `address: "127.0.0.1:${port}", tls: ${setup.tls}${auth}`;
}
