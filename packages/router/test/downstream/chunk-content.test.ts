import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AttemptReport, AttemptRequest } from '../../src/downstream/attempt-report.ts';
import { SmtpDownstream } from '../../src/downstream/smtp-downstream.ts';
import type { Message } from '../../src/message/message.ts';
import { judgeAttempt } from '../../src/relay/judge-attempt.ts';
import { downstreamOptions } from '../support/downstream-options.ts';
import { type Script, ScriptedDownstream } from '../support/scripted-downstream.ts';
import { testMessage } from '../support/test-message.ts';
import { TestClock } from '../test-clock.ts';

const KEYWORDS = ['PIPELINING', '8BITMIME', 'CHUNKING'];
const FOR_EVER = Number.POSITIVE_INFINITY;

interface Rig {
  readonly server: ScriptedDownstream;
  readonly downstream: SmtpDownstream;
  readonly clock: TestClock;
}

async function withRig(
  script: Script | readonly Script[],
  run: (rig: Rig) => Promise<void>,
  keywords: readonly string[] = KEYWORDS,
): Promise<void> {
  const server = await ScriptedDownstream.start(script, { keywords });
  const clock = new TestClock();
  const downstream = new SmtpDownstream(downstreamOptions(server.port, { clock, maxConnections: 1 }));
  try {
    await run({ server, downstream, clock });
  } finally {
    downstream.destroy();
    await server.stop();
  }
}

function request(message: Message = testMessage(), deadlineAt = FOR_EVER): AttemptRequest {
  return { message, recipients: message.envelope.forwardPaths, isAllOrNothing: true, deadlineAt };
}

/** The end of an attempt in one line: kind, phase, code. */
function endOf({ end }: AttemptReport): string {
  if (end.kind === 'withheld') return 'withheld rcpt';
  if (end.kind === 'replied') return `replied ${end.phase} ${end.reply.code}`;
  return `failed ${end.phase} ${end.code}`;
}

/** What of the message was asked for in which way. */
function verbs({ commands }: ScriptedDownstream): string {
  return commands.map((line) => line.split(' ')[0]).join(' ');
}

test('Envelope and content leave in one write where CHUNKING is offered, bytes as they are (RFC 3030)', async () => {
  await withRig({}, async ({ server, downstream }) => {
    const content = 'Subject: x\r\n\r\n.\r\n..dots\r\nQUIT\r\nend without line end';
    assert.equal(endOf(await downstream.attempt(request(testMessage({ content })))), 'replied dot 250');
    assert.deepEqual(server.contents, [content]);
    const envelope = `MAIL FROM:<sender@example.com>\r\nRCPT TO:<a@x.example>\r\nBDAT ${content.length} LAST\r\n`;
    assert.ok(server.chunks.includes(`${envelope}${content}`), server.chunks.join('|'));
  });
});

test('Many messages pass on one connection, with no RSET between them', async () => {
  await withRig({}, async ({ server, downstream }) => {
    for (let round = 0; round < 3; round += 1) await downstream.attempt(request());
    assert.equal(server.connections, 1);
    assert.equal(verbs(server), `EHLO${' MAIL RCPT BDAT'.repeat(3)}`);
  });
});

for (const [why, message, keywords] of [
  ['several recipients', testMessage({ recipients: ['a@x.example', 'b@x.example'] }), KEYWORDS],
  ['more than 64 KiB', testMessage({ content: 'x\r\n'.repeat(21_846) }), KEYWORDS],
  ['no PIPELINING', testMessage(), ['CHUNKING', '8BITMIME']],
  ['no CHUNKING', testMessage(), ['PIPELINING', '8BITMIME']],
] as const) {
  test(`${why}: DATA is used`, async () => {
    await withRig(
      {},
      async ({ server, downstream }) => {
        assert.equal(endOf(await downstream.attempt(request(message))), 'replied dot 250');
        assert.equal(server.commands.at(-1), 'DATA');
      },
      keywords,
    );
  });
}

test('After a second of silence the connection is asked by DATA first: its peer may be gone', async () => {
  await withRig([{ MAIL: ['250 ok', { fault: 'drop' }] }, {}], async ({ server, downstream, clock }) => {
    await downstream.attempt(request());
    clock.advance(1_001);
    assert.equal(endOf(await downstream.attempt(request())), 'replied dot 250');
    assert.equal(server.connections, 2);
    assert.equal(verbs(server), 'EHLO MAIL RCPT BDAT MAIL EHLO MAIL RCPT BDAT');
  });
});

test('421 to MAIL says that nothing was taken: once more on a new connection, without blame', async () => {
  await withRig([{ MAIL: ['250 ok', '421 4.4.2 idle'] }, {}], async ({ server, downstream }) => {
    await downstream.attempt(request());
    assert.equal(endOf(await downstream.attempt(request())), 'replied dot 250');
    assert.equal(server.connections, 2);
  });
});

test('A connection lost behind the content has an unknown end, also before MAIL was answered', async () => {
  await withRig([{ MAIL: ['250 ok', { fault: 'drop' }] }, {}], async ({ server, downstream }) => {
    await downstream.attempt(request());
    const report = await downstream.attempt(request());
    assert.equal(endOf(report), 'failed dot ROUTER_CONNECTION_LOST');
    assert.equal(judgeAttempt('ses', report, 1)[0]?.outcome.kind, 'ambiguous');
    assert.equal(server.connections, 1);
  });
});

test('A refused recipient is its own blame; the answer to BDAT is none, and the connection is kept', async () => {
  const script = { RCPT: ['550 5.1.1 nobody', '250 ok'], BDAT: ['503 5.5.1 no recipient', '250 taken'] };
  await withRig(script, async ({ server, downstream }) => {
    const refused = await downstream.attempt(request());
    assert.equal(endOf(refused), 'withheld rcpt');
    assert.equal(refused.recipientReplies[0]?.code, 550);
    assert.deepEqual(judgeAttempt('ses', refused, 1)[0]?.isNextTried, false);
    assert.equal(endOf(await downstream.attempt(request())), 'replied dot 250');
    assert.equal(server.connections, 1);
    assert.equal(verbs(server), 'EHLO MAIL RCPT BDAT RSET MAIL RCPT BDAT');
  });
});

test('A refused sender is told as such, whatever is answered behind it', async () => {
  const script = { MAIL: '550 5.1.8 not you', RCPT: '503 no sender', BDAT: '503 no sender' };
  await withRig(script, async ({ downstream }) => {
    assert.equal(endOf(await downstream.attempt(request())), 'replied mail 550');
  });
});

test('A downstream that takes content for nobody is not spoken to again', async () => {
  await withRig({ RCPT: '550 5.1.1 nobody' }, async ({ server, downstream }) => {
    assert.equal(endOf(await downstream.attempt(request())), 'withheld rcpt');
    await downstream.attempt(request());
    assert.equal(server.connections, 2);
  });
});

test('The budget cuts nothing once the content has left, not even at MAIL', async () => {
  await withRig({ MAIL: { fault: 'silent' } }, async ({ server, downstream, clock }) => {
    const attempt = downstream.attempt(request(testMessage(), 5_000));
    await server.received('BDAT');
    clock.advance(29_000);
    assert.equal(downstream.view().inFlight, 1);
    server.shout('250 2.0.0 late');
    assert.equal(endOf(await attempt), 'replied dot 250');
  });
});

test('The time-out of the dot counts from the write on', async () => {
  await withRig({ RCPT: { fault: 'hang' } }, async ({ server, downstream, clock }) => {
    const attempt = downstream.attempt(request());
    await server.received('RCPT');
    clock.advance(30_000);
    assert.equal(endOf(await attempt), 'failed dot ROUTER_REPLY_TIMEOUT');
  });
});

test('Without time left no content leaves unasked', async () => {
  await withRig({}, async ({ server, downstream, clock }) => {
    await downstream.attempt(request());
    const attempt = downstream.attempt(request(testMessage(), clock.now()));
    await server.received('MAIL', 2);
    clock.advance(0);
    assert.equal(endOf(await attempt), 'failed mail ROUTER_BUDGET_ENDED');
    assert.equal(server.contents.length, 1);
    assert.ok(!verbs(server).endsWith('BDAT'));
  });
});

test('Smuggling out: a bare CR or LF never leaves, by BDAT no more than by DATA', async () => {
  for (const content of ['a\nb\r\n', 'a\rb\r\n', 'a\r\n\r']) {
    await withRig({}, async ({ server, downstream }) => {
      assert.equal(
        endOf(await downstream.attempt(request(testMessage({ content })))),
        'failed mail ROUTER_INTERNAL',
      );
      assert.deepEqual(server.contents, []);
    });
  }
});
