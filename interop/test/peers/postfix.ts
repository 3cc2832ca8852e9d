/**
 * Postfix with a queue, a configuration and a maildir of its own; the Postfix of the system is not touched.
 * It offers AUTH LOGIN alone, checked by Cyrus SASL against a file.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { chmod, chown, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { BackgroundProcess } from '../support/background-process.ts';
import { freePort } from '../support/scratch.ts';
import { missingTools, tool } from '../support/tools.ts';
import { takeMaildir } from './maildir.ts';
import { PEER_LOGIN, PEER_TLS, type Peer } from './peer.ts';

const DAEMONS = '/usr/lib/postfix/sbin';
const HOSTNAME = 'postfix.example.com';
/** User and group nobody of Debian, who own the maildir. */
const NOBODY = 65534;

/** Writes LF, and fields of its own in front. Takes mail for example.net alone. */
export const postfix: Peer = {
  name: 'Postfix',
  lineEnd: '\n',
  missing: async () => [...missingForPostfix(), ...missingTools(['saslpasswd2'])],
  start: async (t, folder) => {
    // Debian's Postfix looks for smtpd.conf below its configuration, whatever cyrus_sasl_config_path says.
    const sasl = join(folder, 'postfix/etc/sasl');
    const mail = join(folder, 'mail');
    for (const path of [sasl, mail]) await mkdir(path, { recursive: true });
    await chown(mail, NOBODY, NOBODY);
    await writeLogin(sasl);
    const port = await startPostfix(t, folder, receiving(sasl, mail));
    return { port, take: () => takeMaildir(join(mail, 'inbox')) };
  },
};

/** What Postfix needs and what is not here; the SASL mechanisms of either side are among it. */
export function missingForPostfix(): readonly string[] {
  const missing = [...missingTools(['postfix'])];
  const hasMechanisms = readdirSync('/usr/lib').some((name) =>
    existsSync(join('/usr/lib', name, 'sasl2/libplain.so')),
  );
  if (!hasMechanisms) missing.push('the modules of Cyrus SASL are not installed');
  if (process.getuid?.() !== 0) missing.push('Postfix starts under root only');
  return missing;
}

/** Starts one that ends after the test, with these lines of main.cf besides those of every use; answers its port. */
export async function startPostfix(
  t: TestContext,
  folder: string,
  settings: readonly string[],
): Promise<number> {
  const port = await freePort();
  const root = join(folder, 'postfix');
  const etc = join(root, 'etc');
  for (const path of [etc, join(root, 'spool'), join(root, 'data')]) await mkdir(path, { recursive: true });
  execFileSync('chown', ['postfix', join(root, 'data')]);
  await writeFile(join(etc, 'main.cf'), [...commonSettings(root), ...settings, ''].join('\n'));
  await writeFile(join(etc, 'master.cf'), masterCf(port));
  // This makes the folders of the queue. `postfix start-fg` would too, but does not end its master with itself.
  execFileSync(tool('postfix'), ['-c', etc, 'check'], { stdio: 'pipe' });
  const running = BackgroundProcess.start(t, {
    program: join(DAEMONS, 'master'),
    args: ['-c', etc, '-s'],
    log: join(folder, 'postfix.log'),
  });
  await running.listensOn(port);
  return port;
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

function commonSettings(root: string): readonly string[] {
  return [
    'compatibility_level = 3.6',
    `queue_directory = ${root}/spool`,
    `data_directory = ${root}/data`,
    'command_directory = /usr/sbin',
    `daemon_directory = ${DAEMONS}`,
    'mail_owner = postfix',
    'setgid_group = postdrop',
    'maillog_file = /dev/stdout',
    `myhostname = ${HOSTNAME}`,
    'mydestination =',
    'inet_interfaces = 127.0.0.1',
    'inet_protocols = ipv4',
    'smtpd_peername_lookup = no',
    'local_header_rewrite_clients =',
    'local_recipient_maps =',
    'alias_maps =',
    'alias_database =',
    `message_size_limit = ${64 * 1024 * 1024}`,
  ];
}

/** Takes mail of those who logged in under TLS, and keeps it. */
function receiving(sasl: string, mail: string): readonly string[] {
  return [
    'mynetworks =',
    'smtpd_relay_restrictions = permit_sasl_authenticated, reject',
    'smtpd_tls_security_level = may',
    'smtpd_tls_auth_only = yes',
    `smtpd_tls_cert_file = ${PEER_TLS.cert}`,
    `smtpd_tls_key_file = ${PEER_TLS.key}`,
    'smtpd_sasl_auth_enable = yes',
    'smtpd_sasl_type = cyrus',
    `smtpd_sasl_local_domain = ${HOSTNAME}`,
    `cyrus_sasl_config_path = ${sasl}`,
    'virtual_mailbox_domains = example.net',
    'virtual_mailbox_maps = static:inbox/',
    `virtual_mailbox_base = ${mail}`,
    `virtual_uid_maps = static:${NOBODY}`,
    `virtual_gid_maps = static:${NOBODY}`,
    'virtual_mailbox_limit = 0',
  ];
}

/** The services that taking, keeping and sending mail needs, none in a chroot. */
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
    'smtp unix - - n - - smtp',
    'relay unix - - n - - smtp',
    'scache unix - - n - 1 scache',
    'error unix - - n - - error',
    'retry unix - - n - - error',
    'anvil unix - - n - 1 anvil',
    'tlsmgr unix - - n 1000? 1 tlsmgr',
    'postlog unix-dgram n - n - 1 postlogd',
    '',
  ].join('\n');
}
