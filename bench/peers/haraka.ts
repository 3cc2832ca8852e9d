import { cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setupOf } from '../harness/cells.ts';
import { portAnswers, startChild } from '../harness/child.ts';
import type { Peer, PeerContext } from '../harness/peer.ts';

/** Where `npm run bench:peers` installs Haraka; kept out of the workspace's own dependencies. */
const HARAKA = join(import.meta.dirname, '..', '.cache', 'haraka', 'node_modules', 'Haraka');

/** Haraka with queue/smtp_forward to both sinks, one process. */
export const haraka: Peer = {
  name: 'haraka',
  missing: (cell) => {
    if (!existsSync(HARAKA)) return 'haraka is not installed (npm run bench:peers)';
    return setupOf(cell).tls === 'off' ? undefined : 'not set up for TLS here';
  },
  start: async (context) => {
    const instance = writeInstance(context);
    const child = startChild(process.execPath, [join(HARAKA, 'bin', 'haraka'), '-c', instance]);
    await portAnswers(context.port, 30_000);
    return { address: `127.0.0.1:${context.port}`, pid: child.pid, stop: child.stop };
  },
};

function writeInstance({ folder, port, sinkPorts }: PeerContext): string {
  const config = join(folder, 'config');
  const plugins = join(folder, 'plugins');
  mkdirSync(config, { recursive: true });
  mkdirSync(plugins, { recursive: true });
  cpSync(join(HARAKA, 'config', 'connection.ini'), join(config, 'connection.ini'));
  const write = (name: string, text: string): void => writeFileSync(join(config, name), `${text}\n`);
  write('smtp.ini', `listen=127.0.0.1:${port}\nnodes=0`);
  write('plugins', 'bench\nqueue/smtp_forward');
  write('loglevel', 'LOGERROR');
  write('me', 'haraka.bench');
  write('smtp_forward.ini', `forwarding_host_pool=${sinkPorts.map((sink) => `127.0.0.1:${sink}`).join(',')}`);
  // Without DNS a reverse lookup waits five seconds; the relay check would send mail to its queue.
  writeFileSync(join(plugins, 'bench.js'), BENCH_PLUGIN);
  return folder;
}

const BENCH_PLUGIN = `'use strict';
exports.register = function () {
  this.register_hook('lookup_rdns', 'rdns');
  this.register_hook('rcpt', 'rcpt');
};
exports.rdns = (next) => next(OK, 'load.test');
exports.rcpt = (next) => next(OK);
`;
