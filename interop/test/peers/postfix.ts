/**
 * Postfix with a queue, a configuration and a maildir of its own; the Postfix of the system is not touched.
 * It offers AUTH LOGIN alone, checked by Cyrus SASL against a file.
 */
import { execFileSync } from 'node:child_process';
import { chmod, chown, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { BackgroundProcess } from '../support/background-process.ts';
import { freePort } from '../support/scratch.ts';
import { missingTools, tool } from '../support/tools.ts';
import { takeMaildir } from './maildir.ts';
import { PEER_LOGIN, PEER_TLS, type Peer, type RunningPeer } from './peer.ts';

const HOSTNAME = 'postfix.example.com';
/** User and group nobody of Debian, who own the maildir. */
const NOBODY = 65534;

/** Writes LF, and fields of its own in front. Takes mail for example.net alone. */
export const postfix: Peer = {
  name: 'Postfix',
  lineEnd: '\n',
  missing: async () => {
    const missing = missingTools(['postfix', 'saslpasswd2']);
    return process.getuid?.() === 0 ? missing : [...missing, 'Postfix starts under root only'];
  },
  start,
};

async function start(t: TestContext, folder: string): Promise<RunningPeer> {
  const port = await freePort();
  const root = join(folder, 'postfix');
  const [etc, sasl, mail] = [join(root, 'etc'), join(root, 'etc/sasl'), join(root, 'mail')];
  for (const path of [sasl, mail, join(root, 'spool'), join(root, 'data')]) {
    await mkdir(path, { recursive: true });
  }
  execFileSync('chown', ['postfix', join(root, 'data')]);
  await chown(mail, NOBODY, NOBODY);
  await writeFile(join(etc, 'main.cf'), mainCf(root));
  await writeFile(join(etc, 'master.cf'), masterCf(port));
  await writeLogin(sasl);
  const running = BackgroundProcess.start(t, {
    program: tool('postfix'),
    args: ['-c', etc, 'start-fg'],
    log: join(folder, 'postfix.log'),
  });
  await running.listensOn(port);
  return { port, take: () => takeMaildir(join(mail, 'inbox')) };
}

async function writeLogin(folder: string): Promise<void> {
  const database = join(folder, 'sasldb2');
  const setting = [
    'pwcheck_method: auxprop',
    'auxprop_plugin: sasldb',
    `sasldb_path: ${database}`,
    'mech_list: LOGIN',
    '',
  ];
  await writeFile(join(folder, 'smtpd.conf'), setting.join('\n'));
  const args = ['-p', '-c', '-f', database, '-u', HOSTNAME, PEER_LOGIN.user];
  execFileSync(tool('saslpasswd2'), args, { input: PEER_LOGIN.pass });
  await chmod(database, 0o644);
}

function mainCf(root: string): string {
  return [
    'compatibility_level = 3.6',
    `queue_directory = ${root}/spool`,
    `data_directory = ${root}/data`,
    'command_directory = /usr/sbin',
    'daemon_directory = /usr/lib/postfix/sbin',
    'mail_owner = postfix',
    'setgid_group = postdrop',
    'maillog_file = /dev/stdout',
    `myhostname = ${HOSTNAME}`,
    'mydestination =',
    'mynetworks =',
    'inet_interfaces = 127.0.0.1',
    'inet_protocols = ipv4',
    'smtpd_peername_lookup = no',
    'smtpd_relay_restrictions = permit_sasl_authenticated, reject',
    'smtpd_tls_security_level = may',
    'smtpd_tls_auth_only = yes',
    `smtpd_tls_cert_file = ${PEER_TLS.cert}`,
    `smtpd_tls_key_file = ${PEER_TLS.key}`,
    'smtpd_sasl_auth_enable = yes',
    'smtpd_sasl_type = cyrus',
    `smtpd_sasl_local_domain = ${HOSTNAME}`,
    `cyrus_sasl_config_path = ${root}/etc/sasl`,
    'local_header_rewrite_clients =',
    'local_recipient_maps =',
    'alias_maps =',
    'alias_database =',
    'virtual_mailbox_domains = example.net',
    'virtual_mailbox_maps = static:inbox/',
    `virtual_mailbox_base = ${root}/mail`,
    `virtual_uid_maps = static:${NOBODY}`,
    `virtual_gid_maps = static:${NOBODY}`,
    'virtual_mailbox_limit = 0',
    `message_size_limit = ${64 * 1024 * 1024}`,
    '',
  ].join('\n');
}

/** The services that taking and keeping mail needs, none in a chroot. */
function masterCf(port: number): string {
  return [
    `127.0.0.1:${port} inet n - n - - smtpd`,
    'cleanup unix n - n - 0 cleanup',
    'qmgr unix n - n 300 1 qmgr',
    'rewrite unix - - n - - trivial-rewrite',
    'bounce unix - - n - 0 bounce',
    'defer unix - - n - 0 bounce',
    'trace unix - - n - 0 bounce',
    'virtual unix - n n - - virtual',
    'error unix - - n - - error',
    'retry unix - - n - - error',
    'anvil unix - - n - 1 anvil',
    'tlsmgr unix - - n 1000? 1 tlsmgr',
    'postlog unix-dgram n - n - 1 postlogd',
    '',
  ].join('\n');
}
