import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setupOf } from '../harness/cells.ts';
import { portAnswers, startChild } from '../harness/child.ts';
import type { Peer, PeerContext } from '../harness/peer.ts';
import { findTool, missingTool } from '../harness/tools.ts';

/** HAProxy in TCP mode: forwards bytes (or ends TLS), balances per connection, knows nothing of messages. */
export const haproxy: Peer = {
  name: 'haproxy',
  missing: (cell) =>
    missingTool('haproxy') ??
    (setupOf(cell).tls === 'starttls' ? 'a TCP balancer cannot do STARTTLS' : undefined),
  start: async (context) => {
    const file = join(context.folder, 'haproxy.cfg');
    writeFileSync(file, configuration(context));
    const child = startChild(findTool('haproxy') ?? 'haproxy', ['-f', file, '-db']);
    await portAnswers(context.port, 15_000, context.setup.tls === 'implicit' ? 'connection' : 'greeting');
    return { address: `127.0.0.1:${context.port}`, pid: child.pid, stop: child.stop };
  },
};

function configuration({ port, sinkPorts, setup, certificateFile }: PeerContext): string {
  const backends = sinkPorts.map((sink, index) => `  server s${index} 127.0.0.1:${sink}`);
  return [
    'global',
    '  nbthread 2',
    '  maxconn 8000',
    '  ssl-default-bind-options ssl-min-ver TLSv1.2',
    'defaults',
    '  mode tcp',
    '  timeout connect 5s',
    '  timeout client 300s',
    '  timeout server 300s',
    'listen smtp',
    `  bind 127.0.0.1:${port}${setup.tls === 'implicit' ? ` ssl crt ${certificateFile}` : ''}`,
    '  balance roundrobin',
    ...backends,
    '',
  ].join('\n');
}
