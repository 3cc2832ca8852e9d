import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { aiosmtpd } from './peers/aiosmtpd.ts';
import { exim } from './peers/exim.ts';
import { npmSmtpServer } from './peers/npm-smtp-server.ts';
import { downstreamEntry, PEER_LOGIN, type Peer, type RunningPeer } from './peers/peer.ts';
import { postfix } from './peers/postfix.ts';
import { startCapturingSink } from './support/capturing-sink.ts';
import { ACCOUNT, configText } from './support/config.ts';
import { assertSame, behindTrace } from './support/content.ts';
import { largeMessage, lines, MESSAGES } from './support/messages.ts';
import { RouterProcess } from './support/router-process.ts';
import { scratchFolder, waitFor } from './support/scratch.ts';
import { sendWithSmtplib } from './support/senders.ts';
import { hasTools, lacksNothing } from './support/tools.ts';

const LIMIT = { timeout: 180_000 };
const DELIVERY_MS = 30_000;
const PEERS: readonly Peer[] = [postfix, exim, npmSmtpServer, aiosmtpd];
const RECIPIENTS = ['first@example.net'];
const TWENTY_FIVE_MEBIBYTES = 25 * 1024 * 1024;

for (const peer of PEERS) {
  describe(`${peer.name} with STARTTLS and AUTH behind the router`, () => {
    it('gets every message byte for byte, 25 MiB among them', LIMIT, async (t) => {
      if (!hasTools(t, ['python3']) || !lacksNothing(t, await peer.missing())) return;
      const folder = await scratchFolder(t);
      const running = await peer.start(t, folder);
      const config = configText({ downstreams: [downstreamEntry(running.port)], selector: 'in-order' });
      const router = await RouterProcess.start(t, { folder, config });
      const file = join(folder, 'message.eml');
      const submission = { port: await router.port(), ...ACCOUNT, recipients: RECIPIENTS, file };
      for (const [title, content] of [
        ...MESSAGES,
        ['25 MiB', largeMessage(TWENTY_FIVE_MEBIBYTES)] as const,
      ]) {
        await t.test(title, async () => {
          await writeFile(file, content);
          const [sent] = await sendWithSmtplib(submission);
          assert.equal(sent?.code, 250, sent?.text);
          assertArrived(await takeOne(peer, running), content, peer);
        });
      }
    });

    it('is passed over at once when the login is wrong, and that is told', LIMIT, async (t) => {
      if (!hasTools(t, ['python3']) || !lacksNothing(t, await peer.missing())) return;
      const folder = await scratchFolder(t);
      const running = await peer.start(t, folder);
      const sink = await startCapturingSink(t);
      const wrong = downstreamEntry(running.port, { ...PEER_LOGIN, pass: 'a-wrong-one' });
      const right = { addr: `127.0.0.1:${sink.port}`, tls: 'off' };
      const config = configText({ downstreams: [wrong, right], selector: 'in-order' });
      const router = await RouterProcess.start(t, { folder, config });
      const file = join(folder, 'message.eml');
      await writeFile(file, lines('Subject: passed over', '', 'Hello.'));
      const submission = { port: await router.port(), ...ACCOUNT, recipients: RECIPIENTS, file };
      const [sent] = await sendWithSmtplib(submission);
      assert.equal(sent?.code, 250, sent?.text);
      assert.equal(sink.contents.length, 1);
      assert.match(router.output, /"downstream":"first"[^\n]*\b5\d\d\b/);
      assert.deepEqual(await running.take(), []);
    });
  });
}

/** The one message a peer has taken; servers with a queue deliver a moment after they answered. */
async function takeOne(peer: Peer, running: RunningPeer): Promise<Buffer> {
  const [message, ...others] = await waitFor(`delivery by ${peer.name}`, DELIVERY_MS, async () => {
    const taken = await running.take();
    return taken.length === 0 ? undefined : taken;
  });
  assert.equal(others.length, 0);
  assert.ok(message);
  return message;
}

/** By checksum, so that nothing is taken for granted about how large texts are compared. */
function assertArrived(arrived: Buffer, content: Buffer, { lineEnd }: Peer): void {
  const sent = content.toString('latin1').replaceAll('\r\n', lineEnd);
  const received = behindTrace(arrived.toString('latin1'), lineEnd);
  if (sha256(received) !== sha256(sent)) assertSame(received, sent);
  assert.equal(sha256(received), sha256(sent));
}

function sha256(text: string): string {
  return createHash('sha256').update(text, 'latin1').digest('hex');
}
