import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { portAnswers, startChild } from '../harness/child.ts';
import type { Peer, PeerContext } from '../harness/peer.ts';
import { missingTool } from '../harness/tools.ts';

/** HAProxy in TCP mode: forwards bytes, balances per connection, knows nothing of messages. */
export const haproxy: Peer = {
  name: 'haproxy',
  missing: () => missingTool('haproxy'),
  start: async (context) => {
    const file = join(context.folder, 'haproxy.cfg');
    writeFileSync(file, configuration(context));
    const child = startChild('haproxy', ['-f', file, '-db']);
    await portAnswers(context.port);
    return { address: `127.0.0.1:${context.port}`, pid: child.pid, stop: child.stop };
  },
};

function configuration({ port, sinkPorts }: PeerContext): string {
  const backends = sinkPorts.map((sink, index) => `  server s${index} 127.0.0.1:${sink}`);
  return [
    'global',
    '  nbthread 2',
    '  maxconn 8000',
    'defaults',
    '  mode tcp',
    '  timeout connect 5s',
    '  timeout client 60s',
    '  timeout server 60s',
    'listen smtp',
    `  bind 127.0.0.1:${port}`,
    '  balance roundrobin',
    ...backends,
    '',
  ].join('\n');
}
