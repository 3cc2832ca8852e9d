import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { portAnswers, startChild } from '../harness/child.ts';
import type { Peer, PeerContext } from '../harness/peer.ts';
import { missingTool } from '../harness/tools.ts';

/**
 * Postfix as a queueing relay: durable before it accepts, so it does more than a synchronous relay.
 * Own configuration and queue; the system's Postfix is not touched. Sends to the first sink only.
 */
export const postfix: Peer = {
  name: 'postfix',
  hasQueue: true,
  missing: (cell) => {
    if (cell.kind === 'idle') return 'a process per connection, 100 of them by default';
    return missingTool('postfix') ?? (process.getuid?.() === 0 ? undefined : 'postfix needs root');
  },
  start: async (context) => {
    const configuration = writeConfiguration(context);
    const child = startChild('/usr/sbin/postfix', ['-c', configuration, 'start-fg']);
    const sign = context.setup.tls === 'implicit' ? 'connection' : 'greeting';
    await portAnswers(context.port, 15_000, sign);
    // The program we started is a script that waits for the master: ending it would leave that behind.
    const master = Number(readFileSync(join(context.folder, 'spool', 'pid', 'master.pid'), 'latin1'));
    const endMaster = (): boolean => process.kill(master);
    process.once('exit', endMaster);
    const stop = async (): Promise<void> => {
      process.off('exit', endMaster);
      const isUp = child.process.exitCode === null && child.process.signalCode === null;
      if (isUp) execFileSync('/usr/sbin/postfix', ['-c', configuration, 'stop'], { stdio: 'ignore' });
      await child.stop();
    };
    return { address: `127.0.0.1:${context.port}`, pid: child.pid, stop };
  },
};

function writeConfiguration(context: PeerContext): string {
  const etc = join(context.folder, 'etc');
  const queue = join(context.folder, 'spool');
  const data = join(context.folder, 'data');
  for (const folder of [etc, queue, data]) mkdirSync(folder, { recursive: true });
  execFileSync('chown', ['postfix', data]);
  execFileSync('chmod', ['755', context.folder, etc, queue]);
  writeFileSync(join(etc, 'main.cf'), mainCf(context, queue, data));
  writeFileSync(join(etc, 'master.cf'), masterCf(context.port));
  return etc;
}

function mainCf({ sinkPorts, setup, certificateFile }: PeerContext, queue: string, data: string): string {
  return [
    'compatibility_level = 3.6',
    `queue_directory = ${queue}`,
    `data_directory = ${data}`,
    'command_directory = /usr/sbin',
    'daemon_directory = /usr/lib/postfix/sbin',
    'mail_owner = postfix',
    'setgid_group = postdrop',
    'myhostname = postfix.bench',
    'mydestination =',
    'inet_interfaces = 127.0.0.1',
    'inet_protocols = ipv4',
    'mynetworks = 127.0.0.0/8',
    'smtpd_relay_restrictions = permit_mynetworks, reject',
    `relayhost = [127.0.0.1]:${sinkPorts[0]}`,
    'smtp_dns_support_level = disabled',
    'smtp_host_lookup = native',
    'smtpd_peername_lookup = no',
    'smtpd_client_connection_count_limit = 0',
    'local_recipient_maps =',
    'alias_maps =',
    'alias_database =',
    'authorized_flush_users =',
    ...(setup.tls === 'off' ? [] : [`smtpd_tls_chain_files = ${certificateFile}`]),
    ...(setup.tls === 'starttls' ? ['smtpd_tls_security_level = may'] : []),
    ...(setup.tls === 'implicit' ? ['smtpd_tls_wrappermode = yes'] : []),
    '',
  ].join('\n');
}

/** The services a relay needs, none in a chroot. */
function masterCf(port: number): string {
  const service = (
    name: string,
    type: string,
    priv: string,
    wakeup: string,
    max: string,
    command: string,
  ): string => `${name} ${type} ${priv} - n ${wakeup} ${max} ${command}`;
  return [
    service(`127.0.0.1:${port}`, 'inet', 'n', '-', '-', 'smtpd'),
    service('pickup', 'unix', 'n', '60', '1', 'pickup'),
    service('cleanup', 'unix', 'n', '-', '0', 'cleanup'),
    service('qmgr', 'unix', 'n', '300', '1', 'qmgr'),
    service('rewrite', 'unix', '-', '-', '-', 'trivial-rewrite'),
    service('bounce', 'unix', '-', '-', '0', 'bounce'),
    service('defer', 'unix', '-', '-', '0', 'bounce'),
    service('trace', 'unix', '-', '-', '0', 'bounce'),
    service('flush', 'unix', 'n', '1000?', '0', 'flush'),
    service('smtp', 'unix', '-', '-', '-', 'smtp'),
    service('relay', 'unix', '-', '-', '-', 'smtp'),
    service('error', 'unix', '-', '-', '-', 'error'),
    service('retry', 'unix', '-', '-', '-', 'error'),
    service('anvil', 'unix', '-', '-', '1', 'anvil'),
    service('scache', 'unix', '-', '-', '1', 'scache'),
    service('proxymap', 'unix', '-', '-', '-', 'proxymap'),
    service('tlsmgr', 'unix', '-', '1000?', '1', 'tlsmgr'),
    service('postlog', 'unix-dgram', 'n', '-', '1', 'postlogd'),
    '',
  ].join('\n');
}
