import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { downstreamEntry, PEER_TLS } from './peers/peer.ts';
import { postfix } from './peers/postfix.ts';
import { angusInChunks } from './senders/angus.ts';
import { startCapturingSink } from './support/capturing-sink.ts';
import { ACCOUNT, configText } from './support/config.ts';
import { assertSame, behindTrace } from './support/content.ts';
import { lines, MESSAGES } from './support/messages.ts';
import { RouterProcess } from './support/router-process.ts';
import { scratchFolder, waitFor } from './support/scratch.ts';
import { sendWithSmtplib } from './support/senders.ts';
import { hasTools, lacksNothing } from './support/tools.ts';
import { startWireTap } from './support/wire-tap.ts';

const LIMIT = { timeout: 180_000 };
const LOG_MS = 10_000;
/** Angus doubles the dot at the beginning of a line in chunks too, which RFC 3030 §2 does not let it: left out. */
const UNDOTTED = [...MESSAGES.values()].filter((content) => !/^\./m.test(content.toString('latin1')));

describe('CHUNKING (RFC 3030) with programs others wrote', () => {
  it(`${angusInChunks.name}: content sent by BDAT arrives byte for byte`, LIMIT, async (t) => {
    if (!lacksNothing(t, await angusInChunks.missing())) return;
    const folder = await scratchFolder(t);
    const sink = await startCapturingSink(t);
    const config = configText({ sinks: [sink.port], selector: 'in-order' });
    const router = await RouterProcess.start(t, { folder, config });
    const tap = await startWireTap(t, await router.port());
    const files = await Promise.all(
      UNDOTTED.map(async (content, index) => {
        const file = join(folder, `${index}.eml`);
        await writeFile(file, content);
        return file;
      }),
    );
    await angusInChunks.send({
      port: tap.port,
      mode: 'off',
      authority: PEER_TLS.authority,
      ...ACCOUNT,
      mailFrom: ACCOUNT.user,
      recipients: ['first@example.net'],
      files,
    });
    assert.ok(/^BDAT 100\r$/m.test(tap.said()), 'no chunk was sent');
    assert.ok(UNDOTTED.length > 0);
    assert.equal(sink.contents.length, UNDOTTED.length);
    for (const [index, content] of UNDOTTED.entries()) {
      const wire = sink.contents[index]?.toString('latin1') ?? '';
      assertSame(behindTrace(wire, '\r\n'), `${content.toString('latin1')}.\r\n`);
    }
  });

  it('Postfix: a small message leaves by BDAT behind its envelope', LIMIT, async (t) => {
    if (!hasTools(t, ['python3']) || !lacksNothing(t, await postfix.missing())) return;
    const folder = await scratchFolder(t);
    const running = await postfix.start(t, folder);
    const config = configText({ downstreams: [downstreamEntry(running.port)], selector: 'in-order' });
    const router = await RouterProcess.start(t, { folder, config });
    const file = join(folder, 'message.eml');
    await writeFile(file, lines('Subject: in one write', '', '.', 'Hello.'));
    const submission = { port: await router.port(), ...ACCOUNT, recipients: ['first@example.net'], file };
    const [sent] = await sendWithSmtplib(submission);
    assert.equal(sent?.code, 250, sent?.text);
    await router.stop();
    const commands = await waitFor('the end of the session in the log of Postfix', LOG_MS, async () => {
      const log = await readFile(join(folder, 'postfix.log'), 'latin1');
      return /disconnect from .* mail=.*/.exec(log)?.[0];
    });
    assert.match(commands, / mail=1 rcpt=1 bdat=1 /);
  });
});
