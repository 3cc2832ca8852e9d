/**
 * Exim with a spool, a configuration and a maildir of its own. Debian lets only one mail server be installed, so
 * `.ci/run` unpacks Exim beside Postfix, below `.cache/interop/exim`. Exim wants its system user by name; the library
 * nss_wrapper makes the user who runs the tests answer to it.
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chown, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { BackgroundProcess } from '../support/background-process.ts';
import { ROOT } from '../support/go-programs.ts';
import { freePort } from '../support/scratch.ts';
import { takeMaildir } from './maildir.ts';
import { PEER_LOGIN, PEER_TLS, type Peer } from './peer.ts';

const EXIM = join(ROOT, '.cache/interop/exim/usr/sbin/exim4');
const SYSTEM_USER = 'Debian-exim';
/** User and group nobody of Debian: root does not run Exim as itself. */
const NOBODY = 65534;

/** Writes LF, and nothing of its own in front. Offers AUTH PLAIN alone. */
export const exim: Peer = {
  name: 'Exim',
  lineEnd: '\n',
  missing: async () => missingForExim(),
  start: async (t, folder) => {
    const { port, root } = await startExim(t, folder, receiving);
    return { port, take: () => takeMaildir(join(root, 'mail')) };
  },
};

/** What Exim needs and what is not here. */
export function missingForExim(): readonly string[] {
  if (!existsSync(EXIM)) return ['Exim is not unpacked below .cache/interop/exim; .ci/run does it'];
  return wrapperLibrary() === undefined ? ['libnss_wrapper is not installed'] : [];
}

/** A running Exim: where it listens, and the folder it may write to. */
export interface RunningExim {
  readonly port: number;
  readonly root: string;
}

/** Starts one that ends after the test. `settings` answers the rest of the configuration, from the main options on. */
export async function startExim(
  t: TestContext,
  folder: string,
  settings: (root: string) => string,
): Promise<RunningExim> {
  const port = await freePort();
  const root = join(folder, 'exim');
  const identity = process.getuid?.() === 0 ? NOBODY : undefined;
  for (const path of [root, join(root, 'spool'), join(root, 'log')]) {
    await mkdir(path);
    if (identity !== undefined) await chown(path, identity, identity);
  }
  const configuration = join(root, 'exim.conf');
  await writeFile(configuration, `${commonSettings(root, port)}${settings(root)}`);
  const id = identity ?? process.getuid?.() ?? NOBODY;
  await writeFile(join(root, 'passwd'), passwdText(id));
  await writeFile(join(root, 'group'), `root:x:0:\n${SYSTEM_USER}:x:${id}:\n`);
  const running = BackgroundProcess.start(t, {
    program: EXIM,
    args: ['-C', configuration, '-bdf', '-q1h'],
    env: {
      LD_PRELOAD: wrapperLibrary() ?? '',
      NSS_WRAPPER_PASSWD: join(root, 'passwd'),
      NSS_WRAPPER_GROUP: join(root, 'group'),
    },
    log: join(folder, 'exim.log'),
    identity,
  });
  await running.listensOn(port);
  return { port, root };
}

/** Where the dynamic linker finds nss_wrapper, or undefined. */
function wrapperLibrary(): string | undefined {
  const libraries = execFileSync('/sbin/ldconfig', ['-p'], { encoding: 'utf8' });
  return /libnss_wrapper\.so\S* .*=> (\S+)/.exec(libraries)?.[1];
}

function passwdText(id: number): string {
  return `root:x:0:0:root:/root:/bin/sh\n${SYSTEM_USER}:x:${id}:${id}::/nonexistent:/usr/sbin/nologin\n`;
}

/** Main options of every use. */
function commonSettings(root: string, port: number): string {
  return `
primary_hostname = exim.example.com
local_interfaces = 127.0.0.1
daemon_smtp_ports = ${port}
spool_directory = ${root}/spool
log_file_path = ${root}/log/%s
keep_environment = LD_PRELOAD : NSS_WRAPPER_PASSWD : NSS_WRAPPER_GROUP
never_users =
deliver_drop_privilege = true
host_lookup =
rfc1413_hosts =
message_size_limit = 64M
smtputf8_advertise_hosts = *
received_header_text =
acl_smtp_rcpt = check_recipient
acl_smtp_data = accept
`;
}

/** Takes mail of those who logged in under TLS, and keeps it. */
function receiving(root: string): string {
  const login = `\${if and{{eq{$auth2}{${PEER_LOGIN.user}}}{eq{$auth3}{${PEER_LOGIN.pass}}}}}`;
  return `
tls_advertise_hosts = *
tls_certificate = ${PEER_TLS.cert}
tls_privatekey = ${PEER_TLS.key}
auth_advertise_hosts = \${if eq{$tls_in_cipher}{}{}{*}}
begin acl
check_recipient:
  accept authenticated = *
  deny message = relay not permitted
begin routers
everybody:
  driver = accept
  transport = maildir
begin transports
maildir:
  driver = appendfile
  directory = ${root}/mail
  create_directory
  maildir_format
  batch_max = 1000
  message_prefix =
  message_suffix =
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${login}
  server_set_id = $auth2
`;
}
