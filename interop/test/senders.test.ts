import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { PEER_TLS } from './peers/peer.ts';
import { angus } from './senders/angus.ts';
import { curl } from './senders/curl.ts';
import { netSmtp } from './senders/net-smtp.ts';
import { nodemailer } from './senders/nodemailer.ts';
import { openssl } from './senders/openssl.ts';
import type { Sender, TlsMode } from './senders/sender.ts';
import { smtplib } from './senders/smtplib.ts';
import { type CapturingSink, startCapturingSink } from './support/capturing-sink.ts';
import { ACCOUNT, configText } from './support/config.ts';
import { assertSame, behindTrace } from './support/content.ts';
import { MESSAGES } from './support/messages.ts';
import { RouterProcess } from './support/router-process.ts';
import { scratchFolder } from './support/scratch.ts';
import { lacksNothing } from './support/tools.ts';

const LIMIT = { timeout: 300_000 };
const MODES: readonly TlsMode[] = ['off', 'starttls', 'implicit'];
const RECIPIENTS = ['first@example.net', 'second@example.net'];

/** Each client and what it can do: s_client is nothing without TLS. */
const SENDERS: ReadonlyMap<Sender, readonly TlsMode[]> = new Map([
  [netSmtp, MODES],
  [nodemailer, MODES],
  [angus, MODES],
  [smtplib, MODES],
  [curl, MODES],
  [openssl, MODES.slice(1)],
]);

describe('mail libraries send through the router, in clear on loopback, by STARTTLS and by implicit TLS', () => {
  for (const [sender, modes] of SENDERS) {
    it(`${sender.name}: every message arrives byte for byte`, LIMIT, async (t) => {
      if (!lacksNothing(t, await sender.missing())) return;
      const folder = await scratchFolder(t);
      const sink = await startCapturingSink(t);
      const ports = await startRouter(t, folder, sink);
      const files = await writeMessages(folder);
      for (const mode of modes) {
        await t.test(`tls: ${mode}`, async () => {
          const before = sink.contents.length;
          await sender.send({
            port: ports[mode],
            mode,
            authority: PEER_TLS.authority,
            ...ACCOUNT,
            mailFrom: ACCOUNT.user,
            recipients: RECIPIENTS,
            files,
          });
          assertContents(sink.contents.slice(before), mode);
        });
      }
    });
  }
});

/** A router with a listener for each mode; answers their ports. */
async function startRouter(
  t: TestContext,
  folder: string,
  sink: CapturingSink,
): Promise<Readonly<Record<TlsMode, number>>> {
  const listen = MODES.map((tls) => ({ address: '127.0.0.1:0', tls }));
  const config = configText({ sinks: [sink.port], selector: 'in-order', listen });
  const router = await RouterProcess.start(t, { folder, config });
  const { listeners } = await router.status();
  const [off = 0, starttls = 0, implicit = 0] = listeners.map((text) => Number(text.split(':').at(-1)));
  return { off, starttls, implicit };
}

async function writeMessages(folder: string): Promise<readonly string[]> {
  return Promise.all(
    [...MESSAGES.values()].map(async (content, index) => {
      const file = join(folder, `${index}.eml`);
      await writeFile(file, content);
      return file;
    }),
  );
}

function assertContents(received: readonly Buffer[], mode: TlsMode): void {
  assert.equal(received.length, MESSAGES.size);
  for (const [index, [title, content]] of [...MESSAGES].entries()) {
    const wire = received[index]?.toString('latin1') ?? '';
    const flags = mode === 'off' ? 'A' : 'SA';
    assert.match(wire.slice(0, 1000), new RegExp(`with (?:ESMTP|UTF8SMTP)${flags}\\b`), title);
    const stuffed = content.toString('latin1').replaceAll(/^\./gm, '..');
    assertSame(behindTrace(wire, '\r\n'), `${stuffed}.\r\n`);
  }
}
