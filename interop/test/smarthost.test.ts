import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { missingForExim, startExim } from './peers/exim.ts';
import { PEER_TLS } from './peers/peer.ts';
import { missingForPostfix, startPostfix } from './peers/postfix.ts';
import { startCapturingSink } from './support/capturing-sink.ts';
import { ACCOUNT, configText } from './support/config.ts';
import { assertSame, behindTrace } from './support/content.ts';
import { MESSAGES } from './support/messages.ts';
import { RouterProcess } from './support/router-process.ts';
import { scratchFolder, waitFor } from './support/scratch.ts';
import { sendWithSmtplib } from './support/senders.ts';
import { hasTools, lacksNothing } from './support/tools.ts';

const LIMIT = { timeout: 180_000 };
const RECIPIENTS = ['first@example.net'];
const RELAY_MS = 30_000;

/** Postfix puts a trace field of its own in front before it sends. */
const OWN_TRACE = /^Received: from client\.example\.com [^\n]*\n(?:[ \t][^\n]*\n)*/;

/** A mail server that sends everything it takes on by the router. */
interface Relay {
  readonly name: string;
  /** What it calls itself in EHLO. */
  readonly hostname: string;
  missing(): readonly string[];
  /** Answers the port where it takes mail of anybody; `router` is the port of a listener with STARTTLS. */
  start(t: TestContext, folder: string, router: number): Promise<number>;
}

const RELAYS: readonly Relay[] = [
  {
    name: 'Postfix',
    hostname: 'postfix.example.com',
    missing: missingForPostfix,
    start: (t, folder, router) => startPostfix(t, folder, postfixSending(router)),
  },
  {
    name: 'Exim',
    hostname: 'exim.example.com',
    missing: missingForExim,
    start: async (t, folder, router) => (await startExim(t, folder, () => eximSending(router))).port,
  },
];

for (const relay of RELAYS) {
  describe(`${relay.name} has the router as its smart host, with STARTTLS and AUTH`, () => {
    it('and every message arrives behind it byte for byte', LIMIT, async (t) => {
      if (!hasTools(t, ['python3']) || !lacksNothing(t, relay.missing())) return;
      const folder = await scratchFolder(t);
      const sink = await startCapturingSink(t);
      const listen = [{ address: '127.0.0.1:0', tls: 'starttls' }];
      const config = configText({ sinks: [sink.port], selector: 'in-order', listen });
      const router = await RouterProcess.start(t, { folder, config });
      const port = await relay.start(t, folder, await router.port());
      const file = join(folder, 'message.eml');
      for (const [title, content] of MESSAGES) {
        await t.test(title, async () => {
          const before = sink.contents.length;
          await writeFile(file, content);
          const submission = { port, user: ACCOUNT.user, password: '', recipients: RECIPIENTS, file };
          const [sent] = await sendWithSmtplib(submission);
          assert.equal(sent?.code, 250, sent?.text);
          const wire = await waitFor(`mail by ${relay.name}`, RELAY_MS, async () => sink.contents[before]);
          assert.equal(sink.contents.length, before + 1);
          const stuffed = content.toString('latin1').replaceAll(/^\./gm, '..');
          const arrived = behindTrace(wire.toString('latin1'), '\r\n', relay.hostname);
          assertSame(arrived.replace(OWN_TRACE, ''), `${stuffed}.\r\n`);
        });
      }
    });
  });
}

function postfixSending(router: number): readonly string[] {
  return [
    'mynetworks = 127.0.0.0/8',
    'smtpd_relay_restrictions = permit_mynetworks, reject',
    `relayhost = [localhost]:${router}`,
    'smtp_host_lookup = native',
    'smtp_dns_support_level = disabled',
    'smtp_tls_security_level = verify',
    `smtp_tls_CAfile = ${PEER_TLS.authority}`,
    'smtp_sasl_auth_enable = yes',
    `smtp_sasl_password_maps = static:${ACCOUNT.user}:${ACCOUNT.password}`,
    'smtp_sasl_security_options = noanonymous',
  ];
}

function eximSending(router: number): string {
  return `
tls_advertise_hosts =
begin acl
check_recipient:
  accept
begin routers
by_router:
  driver = manualroute
  route_list = * localhost byname
  self = send
  transport = router
begin transports
router:
  driver = smtp
  port = ${router}
  allow_localhost
  hosts_require_tls = *
  hosts_require_auth = *
  tls_verify_certificates = ${PEER_TLS.authority}
  tls_verify_hosts = *
  tls_verify_cert_hostnames = *
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  client_send = ^${ACCOUNT.user}^${ACCOUNT.password}
`;
}
