import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AttemptReport, AttemptRequest } from '../../src/downstream/attempt-report.ts';
import type { DownstreamOptions } from '../../src/downstream/downstream-options.ts';
import { SmtpDownstream } from '../../src/downstream/smtp-downstream.ts';
import type { Message } from '../../src/message/message.ts';
import { StopSignal } from '../../src/stop-signal.ts';
import { downstreamOptions, GENEROUS } from '../support/downstream-options.ts';
import { type Script, ScriptedDownstream, type ScriptedOptions } from '../support/scripted-downstream.ts';
import { testMessage } from '../support/test-message.ts';
import { TestClock } from '../test-clock.ts';

interface Rig {
  readonly server: ScriptedDownstream;
  readonly downstream: SmtpDownstream;
}

interface RigOptions extends Partial<DownstreamOptions> {
  readonly script?: Script | readonly Script[];
  readonly server?: ScriptedOptions;
}

async function withRig(options: RigOptions, run: (rig: Rig) => Promise<void>): Promise<void> {
  const { script, server: serverOptions, ...changes } = options;
  const server = await ScriptedDownstream.start(script, serverOptions);
  const downstream = new SmtpDownstream(downstreamOptions(server.port, changes));
  try {
    await run({ server, downstream });
  } finally {
    downstream.destroy();
    await server.stop();
  }
}

function request(message: Message = testMessage(), changes: Partial<AttemptRequest> = {}): AttemptRequest {
  return {
    message,
    recipients: message.envelope.forwardPaths,
    isAllOrNothing: true,
    deadlineAt: performance.now() + 60_000,
    ...changes,
  };
}

/** The end of an attempt in one line: kind, phase, code. */
function endOf({ end }: AttemptReport): string {
  if (end.kind === 'withheld') return 'withheld rcpt';
  if (end.kind === 'replied') return `replied ${end.phase} ${end.reply.code}`;
  return `failed ${end.phase} ${end.code}`;
}

const TWO = { recipients: ['a@x.example', 'b@x.example'] };

test('A message arrives with its envelope, dots stuffed, and the final reply is reported', async () => {
  await withRig({}, async ({ server, downstream }) => {
    const message = testMessage({ content: 'Subject: x\r\n\r\n.\r\n..dots\r\nend\r\n' });
    const report = await downstream.attempt(request(message));
    assert.equal(endOf(report), 'replied dot 250');
    assert.deepEqual(
      report.recipientReplies.map((reply) => reply?.code),
      [250],
    );
    assert.deepEqual(server.contents, ['Subject: x\r\n\r\n..\r\n...dots\r\nend\r\n']);
    assert.ok(server.commands.includes('EHLO router.example.com'));
    assert.ok(server.commands.some((line) => line.startsWith('MAIL FROM:<sender@example.com>')));
    assert.ok(server.commands.includes('RCPT TO:<a@x.example>'));
  });
});

test('The envelope for one recipient leaves in one write, DATA included', async () => {
  await withRig({}, async ({ server, downstream }) => {
    await downstream.attempt(request());
    const envelope = server.chunks.find((chunk) => chunk.startsWith('MAIL '));
    assert.match(envelope ?? '', /^MAIL [^\r]+\r\nRCPT [^\r]+\r\nDATA\r\n$/);
  });
});

test('A large message arrives whole', async () => {
  await withRig({}, async ({ server, downstream }) => {
    const line = `.${'x'.repeat(74)}\r\n`;
    const report = await downstream.attempt(request(testMessage({ content: line.repeat(20_000) })));
    assert.equal(endOf(report), 'replied dot 250');
    assert.equal(server.contents[0]?.length, 20_000 * 78);
  });
});

test('Connections are kept: three messages, one connection, one EHLO', async () => {
  await withRig({}, async ({ server, downstream }) => {
    for (let round = 0; round < 3; round += 1) await downstream.attempt(request());
    assert.equal(server.connections, 1);
    assert.equal(server.commands.filter((line) => line.startsWith('EHLO')).length, 1);
    assert.equal(server.contents.length, 3);
    assert.equal(server.commands.includes('RSET'), false);
  });
});

test('A connection that carried its share of messages says QUIT', async () => {
  await withRig({ maxMessagesPerConnection: 2 }, async ({ server, downstream }) => {
    for (let round = 0; round < 3; round += 1) await downstream.attempt(request());
    assert.equal(server.connections, 2);
    await server.received('QUIT');
  });
});

test('A kept connection that was closed is replaced without anybody noticing', async () => {
  await withRig({}, async ({ server, downstream }) => {
    await downstream.attempt(request());
    await server.hangUp();
    assert.equal(endOf(await downstream.attempt(request())), 'replied dot 250');
    assert.equal(server.connections, 2);
  });
});

for (const [what, action] of [
  ['says 421', '421 4.4.2 idle too long'],
  ['drops', { fault: 'drop' }],
  ['resets', { fault: 'reset' }],
] as const) {
  test(`A kept connection that ${what} at MAIL is replaced once, without blame`, async () => {
    const script = [{ MAIL: ['250 ok', action] }, {}] as const;
    await withRig({ script }, async ({ server, downstream }) => {
      await downstream.attempt(request());
      assert.equal(endOf(await downstream.attempt(request())), 'replied dot 250');
      assert.equal(server.connections, 2);
      assert.equal(server.contents.length, 2);
    });
  });
}

test('A kept connection that is silent at MAIL is given up after 3 s, and replaced without blame', async () => {
  const clock = new TestClock();
  const script = [{ MAIL: ['250 ok', { fault: 'hang' }] }, {}] as const;
  await withRig({ script, clock }, async ({ server, downstream }) => {
    await downstream.attempt(request());
    const attempt = downstream.attempt(request());
    await server.received('MAIL', 2);
    clock.advance(2_999);
    assert.equal(downstream.view().inFlight, 1);
    assert.equal(server.connections, 1);
    clock.advance(1);
    assert.equal(endOf(await attempt), 'replied dot 250');
    assert.equal(server.connections, 2);
  });
});

test('A new connection may be silent at MAIL as long as the time-out says', async () => {
  const clock = new TestClock();
  await withRig({ script: { MAIL: { fault: 'hang' } }, clock }, async ({ server, downstream }) => {
    const attempt = downstream.attempt(request());
    await server.received('MAIL');
    clock.advance(29_000);
    server.shout('550 5.7.1 after all');
    assert.equal(endOf(await attempt), 'replied mail 550');
  });
});

test('A kept connection that is silent at RSET is replaced without blame', async () => {
  const clock = new TestClock();
  await withRig({ script: [{ RSET: { fault: 'hang' } }, {}], clock }, async ({ server, downstream }) => {
    await downstream.attempt(request());
    clock.advance(31_000);
    const attempt = downstream.attempt(request());
    await server.received('RSET');
    clock.advance(3_000);
    assert.equal(endOf(await attempt), 'replied dot 250');
  });
});

test('Going down sends on whoever waits for a turn, and closes idle connections', async () => {
  const script = { dot: ['250 taken', { fault: 'hang' }] } as const;
  await withRig({ maxConnections: 1, script }, async ({ server, downstream }) => {
    await downstream.attempt(request());
    const stuck = downstream.attempt(request());
    await server.received('dot', 2);
    const waiting = downstream.attempt(request());
    downstream.judged({ kind: 'blamed', blame: 'credentials', message: 'refused' });
    assert.equal(endOf(await waiting), 'failed connect ROUTER_DOWNSTREAM_DOWN');
    assert.equal(downstream.view().inFlight, 1);
    downstream.destroy();
    await stuck;
  });
  await withRig({}, async ({ server, downstream }) => {
    await downstream.attempt(request());
    downstream.judged({ kind: 'blamed', blame: 'credentials', message: 'refused' });
    await server.received('QUIT');
  });
});

test('Going down sends on whoever is connecting', async () => {
  await withRig({}, async ({ downstream }) => {
    const connecting = downstream.attempt(request());
    // No I/O has been polled for yet: the connection is under way for certain.
    for (let turn = 0; turn < 10; turn += 1) await null;
    downstream.judged({ kind: 'blamed', blame: 'credentials', message: 'refused' });
    assert.equal(endOf(await connecting), 'failed connect ROUTER_DOWNSTREAM_DOWN');
  });
});

test('A new connection that says 421 at MAIL is not tried again', async () => {
  await withRig({ script: { MAIL: '421 4.3.2 going down' } }, async ({ server, downstream }) => {
    const report = await downstream.attempt(request());
    assert.match(endOf(report), / mail /);
    assert.equal(report.end.kind !== 'withheld' && report.end.reply?.code, 421);
    assert.equal(server.connections, 1);
  });
});

test('A kept connection that dies after MAIL was answered is not tried again', async () => {
  const script = [{ RCPT: ['250 ok', { fault: 'drop' }] }, {}] as const;
  await withRig({ script }, async ({ server, downstream }) => {
    await downstream.attempt(request());
    assert.equal(endOf(await downstream.attempt(request())), 'failed rcpt ROUTER_CONNECTION_LOST');
    assert.equal(server.connections, 1);
  });
});

test('A connection that speaks while idle is dropped', async () => {
  await withRig({}, async ({ server, downstream }) => {
    await downstream.attempt(request());
    server.shout('250 surprise');
    while (server.open > 0) await new Promise((resolve) => setImmediate(resolve));
    await downstream.attempt(request());
    assert.equal(server.connections, 2);
  });
});

test('A connection idle for long is asked by RSET before it is used again', async () => {
  await withRig({ resetAfterIdleMs: -1 }, async ({ server, downstream }) => {
    await downstream.attempt(request());
    assert.equal(endOf(await downstream.attempt(request())), 'replied dot 250');
    assert.equal(server.connections, 1);
    assert.equal(server.commands.filter((line) => line === 'RSET').length, 1);
  });
});

test('A connection that dies at that RSET is replaced', async () => {
  await withRig(
    { resetAfterIdleMs: -1, script: [{ RSET: { fault: 'drop' } }, {}] },
    async ({ server, downstream }) => {
      await downstream.attempt(request());
      assert.equal(endOf(await downstream.attempt(request())), 'replied dot 250');
      assert.equal(server.connections, 2);
    },
  );
});

test('An idle connection says QUIT after a while', async () => {
  await withRig({ idleCloseMs: 10 }, async ({ server, downstream }) => {
    await downstream.attempt(request());
    await server.received('QUIT');
    assert.equal(endOf(await downstream.attempt(request())), 'replied dot 250');
    assert.equal(server.connections, 2);
  });
});

test('No more connections than allowed; attempts wait in turn', async () => {
  await withRig({ maxConnections: 2 }, async ({ server, downstream }) => {
    const attempts = Array.from({ length: 10 }, () => downstream.attempt(request()));
    assert.equal(downstream.view().inFlight, 10);
    const ends = (await Promise.all(attempts)).map(endOf);
    assert.deepEqual(new Set(ends), new Set(['replied dot 250']));
    assert.equal(server.connections, 2);
    assert.equal(downstream.view().inFlight, 0);
  });
});

test('Who waits for a connection waits no longer than the deadline', async () => {
  await withRig({ maxConnections: 1, script: { dot: { fault: 'hang' } } }, async ({ server, downstream }) => {
    const stuck = downstream.attempt(request());
    await server.received('dot');
    const report = await downstream.attempt(request(testMessage(), { deadlineAt: performance.now() + 20 }));
    assert.equal(endOf(report), 'failed connect ROUTER_BUDGET_ENDED');
    downstream.destroy();
    assert.equal(endOf(await stuck), 'failed dot ROUTER_DOWNSTREAM_CLOSED');
  });
});

test('The deadline cuts a phase before the dot', async () => {
  await withRig({ script: { RCPT: { fault: 'hang' } } }, async ({ downstream }) => {
    const report = await downstream.attempt(request(testMessage(), { deadlineAt: performance.now() + 50 }));
    assert.match(endOf(report), /^failed (mail|rcpt) ROUTER_BUDGET_ENDED$/);
  });
});

test('An abort cuts a phase before the dot', async () => {
  await withRig({ script: { MAIL: { fault: 'hang' } } }, async ({ server, downstream }) => {
    const abort = new StopSignal();
    const attempt = downstream.attempt(request(testMessage(), { signal: abort }));
    await server.received('MAIL');
    abort.stop();
    assert.equal(endOf(await attempt), 'failed mail ROUTER_BUDGET_ENDED');
  });
});

test('Neither deadline nor abort cuts the wait after the dot', async () => {
  await withRig({ script: { dot: { fault: 'hang' } } }, async ({ server, downstream }) => {
    const abort = new StopSignal();
    const deadlineAt = performance.now() + 300;
    const attempt = downstream.attempt(request(testMessage(), { deadlineAt, signal: abort }));
    await server.received('dot');
    abort.stop();
    while (performance.now() < deadlineAt) await new Promise((resolve) => setImmediate(resolve));
    server.shout('250 2.0.0 at last');
    assert.equal(endOf(await attempt), 'replied dot 250');
  });
});

test('All or nothing: DATA waits until every recipient was accepted', async () => {
  await withRig({}, async ({ server, downstream }) => {
    assert.equal(endOf(await downstream.attempt(request(testMessage(TWO)))), 'replied dot 250');
    const envelope = server.chunks.find((chunk) => chunk.startsWith('MAIL '));
    assert.doesNotMatch(envelope ?? '', /DATA/);
    assert.equal(server.contents.length, 1);
  });
});

test('All or nothing: one refused recipient, and nothing is sent; the connection is kept', async () => {
  const script = { RCPT: ['250 ok', '550 5.1.1 no such user', '250 ok'] };
  await withRig({ script, maxConnections: 1 }, async ({ server, downstream }) => {
    const report = await downstream.attempt(request(testMessage(TWO)));
    assert.equal(endOf(report), 'withheld rcpt');
    assert.deepEqual(
      report.recipientReplies.map((reply) => reply?.code),
      [250, 550],
    );
    assert.deepEqual(server.contents, []);
    assert.equal(server.commands.includes('DATA'), false);
    assert.equal(endOf(await downstream.attempt(request())), 'replied dot 250');
    assert.equal(server.connections, 1);
  });
});

test('Without all or nothing the accepted recipients get the message', async () => {
  const script = { RCPT: ['250 ok', '550 5.1.1 no such user'] };
  await withRig({ script }, async ({ server, downstream }) => {
    const report = await downstream.attempt(request(testMessage(TWO), { isAllOrNothing: false }));
    assert.equal(endOf(report), 'replied dot 250');
    assert.deepEqual(
      report.recipientReplies.map((reply) => reply?.code),
      [250, 550],
    );
    assert.equal(server.contents.length, 1);
  });
});

test('A refused recipient and 354 nevertheless: the connection is dropped, never a lone dot', async () => {
  await withRig({ script: [{ RCPT: '550 5.1.1 no such user' }, {}] }, async ({ server, downstream }) => {
    assert.equal(endOf(await downstream.attempt(request())), 'withheld rcpt');
    assert.equal(endOf(await downstream.attempt(request())), 'replied dot 250');
    assert.equal(server.connections, 2);
    assert.equal(server.contents.length, 1);
  });
});

test('A refused recipient and a refused DATA: the connection is used again', async () => {
  const script = { RCPT: ['550 5.1.1 no such user', '250 ok'], DATA: ['503 5.5.1 no recipients', '354 go'] };
  await withRig({ script, maxConnections: 1 }, async ({ server, downstream }) => {
    assert.equal(endOf(await downstream.attempt(request())), 'withheld rcpt');
    assert.equal(endOf(await downstream.attempt(request())), 'replied dot 250');
    assert.equal(server.connections, 1);
  });
});

test('An answer that comes before the content is none to the content', async () => {
  await withRig(
    { script: { DATA: '354 go ahead\r\n250 2.0.0 queued already' } },
    async ({ server, downstream }) => {
      const report = await downstream.attempt(request());
      assert.equal(report.end.kind, 'failed');
      assert.notEqual(report.end.phase, 'dot');
      assert.deepEqual(server.contents, []);
    },
  );
});

test('Half an answer that comes before the content holds the end of data back', async () => {
  await withRig(
    { script: { DATA: { raw: '354 go ahead\r\n250 2.0.0 que' } } },
    async ({ server, downstream }) => {
      const report = await downstream.attempt(request());
      assert.equal(endOf(report), 'failed data SMTP_REPLY_UNEXPECTED');
      assert.deepEqual(server.contents, []);
    },
  );
});

test('A downstream that does not read any more is given up after timeouts.data', async () => {
  const stalling = { timeouts: { ...GENEROUS, dataMs: 200 }, server: { keywords: ['PIPELINING'] } };
  await withRig(stalling, async ({ server, downstream }) => {
    server.pauseAfter = 'DATA';
    const content = 'x'.repeat(998).concat('\r\n').repeat(20_000);
    const report = await downstream.attempt(request(testMessage({ content })));
    assert.equal(endOf(report), 'failed data ROUTER_CONTENT_STALLED');
  });
});

test('An 8-bit message goes as BODY=8BITMIME where that is offered', async () => {
  await withRig({}, async ({ server, downstream }) => {
    await downstream.attempt(request(testMessage({ content: 'Subject: ü\r\n\r\n' })));
    assert.ok(server.commands.some((line) => /^MAIL .* BODY=8BITMIME$/.test(line)));
  });
});

test('An 8-bit message is not given to a downstream without 8BITMIME, and the connection is kept', async () => {
  await withRig({ server: { keywords: ['PIPELINING'] } }, async ({ server, downstream }) => {
    const report = await downstream.attempt(request(testMessage({ content: 'Subject: ü\r\n\r\n' })));
    assert.equal(endOf(report), 'failed mail ROUTER_8BITMIME_NOT_OFFERED');
    assert.equal(endOf(await downstream.attempt(request())), 'replied dot 250');
    assert.equal(server.connections, 1);
  });
});

test('What an attempt would end with is foreseen, by the rules and by what was offered last', async () => {
  const rules = { verifiedFrom: ['*@x.example'], rewriteMailFrom: 'r@x.example' };
  await withRig({ server: { keywords: ['PIPELINING'] }, ...rules }, async ({ server, downstream }) => {
    const eightBit = request(testMessage({ content: 'From: a@x.example\r\nSubject: ü\r\n\r\n' }));
    assert.equal(downstream.obstacle(eightBit), undefined);
    assert.equal(endOf(await downstream.attempt(eightBit)), 'failed mail ROUTER_8BITMIME_NOT_OFFERED');
    assert.equal(downstream.obstacle(eightBit)?.code, 'ROUTER_8BITMIME_NOT_OFFERED');
    const foreign = request(testMessage({ content: 'From: a@y.example\r\n\r\n' }));
    assert.equal(downstream.obstacle(foreign)?.code, 'ROUTER_SENDER_NOT_VERIFIED');
    assert.equal(downstream.outgoing(foreign.message), foreign.message, 'it does not go out');
    assert.equal(downstream.outgoing(eightBit.message).envelope.reversePath.address, 'r@x.example');
    assert.equal(
      downstream.obstacle(request(testMessage({ content: 'From: a@x.example\r\n\r\n' }))),
      undefined,
    );
    assert.equal(server.connections, 1);
  });
});

test('A message larger than the stated SIZE is not begun', async () => {
  await withRig({ server: { keywords: ['SIZE 100'] } }, async ({ server, downstream }) => {
    const report = await downstream.attempt(request(testMessage({ content: `${'x'.repeat(200)}\r\n` })));
    assert.equal(endOf(report), 'failed mail ROUTER_SIZE_EXCEEDED');
    assert.equal(
      server.commands.some((line) => line.startsWith('MAIL')),
      false,
    );
  });
});

test('The view tells what selectors may know, learnt as it goes, and no password', async () => {
  const credentials = { username: 'login', password: 'planted-secret' };
  await withRig({ credentials, labels: { region: 'eu' }, cost: 0.1 }, async ({ downstream }) => {
    assert.equal(downstream.view().capabilities.known, false);
    assert.equal(downstream.view().hasLatency, false);
    await downstream.attempt(request());
    const view = downstream.view();
    assert.equal(view.user, 'login');
    assert.equal(view.capabilities.maxSizeBytes, 10_485_760);
    assert.equal(view.capabilities.has8bitMime, true);
    assert.equal(view.hasLatency, true);
    assert.equal(view.state, 'up');
    assert.doesNotMatch(JSON.stringify(view), /planted-secret/);
  });
});

test('Closing lets the attempt under way end, says QUIT, and takes no more', async () => {
  await withRig({ script: { dot: { fault: 'silent' } } }, async ({ server, downstream }) => {
    const attempt = downstream.attempt(request());
    await server.received('dot');
    const closed = downstream.close();
    assert.equal(endOf(await downstream.attempt(request())), 'failed connect ROUTER_DOWNSTREAM_CLOSED');
    server.shout('250 2.0.0 queued');
    assert.equal(endOf(await attempt), 'replied dot 250');
    await closed;
    await server.received('QUIT');
  });
});

test('Closing settles after connections that failed, too', async () => {
  await withRig({ tls: 'implicit', server: { keywords: [] } }, async ({ downstream }) => {
    assert.equal(endOf(await downstream.attempt(request())), 'failed tls ROUTER_TLS_FAILED');
    await downstream.close();
  });
});

test('A new password is probed at once, used from the next connection on, and both are masked', async () => {
  const clock = new TestClock();
  const script = [
    { AUTH: '535 5.7.8 not former-secret' },
    { AUTH: '235 ok', dot: '250 renewed-secret former-secret' },
  ];
  const credentials = { username: 'login', password: 'former-secret' };
  await withRig(
    { script, credentials, clock, maxMessagesPerConnection: 1 },
    async ({ server, downstream }) => {
      const refused = await downstream.attempt(request());
      assert.doesNotMatch(JSON.stringify(refused), /former-secret/);
      downstream.judged({ kind: 'blamed', blame: 'credentials', message: 'refused' });
      assert.equal(downstream.view().state, 'down');
      downstream.renewPassword('renewed-secret');
      clock.advance(0);
      await server.received('QUIT');
      assert.equal(server.connections, 2);
      const report = await downstream.attempt(request());
      assert.equal(endOf(report), 'replied dot 250');
      assert.doesNotMatch(JSON.stringify(report), /-secret/);
      assert.equal(downstream.view().state, 'up');
      const blobs = server.commands.flatMap((line) => line.match(/^AUTH PLAIN (.*)/)?.[1] ?? []);
      assert.deepEqual(
        blobs.map((blob) => Buffer.from(blob, 'base64').toString().split('\0')[2]),
        ['former-secret', 'renewed-secret', 'renewed-secret'],
      );
    },
  );
});

test('A downstream without a login takes no password', async () => {
  await withRig({}, async ({ server, downstream }) => {
    downstream.renewPassword('unasked-secret');
    await downstream.attempt(request());
    assert.equal(
      server.commands.some((line) => line.startsWith('AUTH')),
      false,
    );
  });
});

test('A closed port is named in the failure', async () => {
  const server = await ScriptedDownstream.start();
  const { port } = server;
  await server.stop();
  const downstream = new SmtpDownstream(downstreamOptions(port));
  const report = await downstream.attempt(request());
  assert.equal(endOf(report), 'failed connect ROUTER_CONNECT_FAILED');
  assert.ok(report.end.kind === 'failed');
  assert.equal(report.end.message, `Downstream ses (127.0.0.1:${port}) cannot be reached (ECONNREFUSED).`);
  await downstream.close();
});

test('A message that cannot be spoken costs one connection, not the pool', async () => {
  await withRig({ maxConnections: 1 }, async ({ downstream }) => {
    const broken = new Proxy(testMessage(), {
      get: (message, key, receiver) => {
        if (key === 'envelope') throw new Error('defect');
        return Reflect.get(message, key, receiver);
      },
    });
    const recipients = testMessage().envelope.forwardPaths;
    const report = await downstream.attempt(request(testMessage(), { message: broken, recipients }));
    assert.equal(endOf(report), 'failed mail ROUTER_INTERNAL');
    assert.equal(endOf(await downstream.attempt(request())), 'replied dot 250');
  });
});

test('A body that cannot be read to its end is not delivered cut off', async () => {
  await withRig({}, async ({ server, downstream }) => {
    const message = testMessage();
    async function* torn(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('Subject: x\r\n');
      throw new Error('disk gone');
    }
    const body = { ...message.body, sizeBytes: 12, has8bit: false, read: torn };
    const report = await downstream.attempt(request({ ...message, body }));
    assert.equal(endOf(report), 'failed data ROUTER_INTERNAL');
    assert.deepEqual(server.contents, []);
  });
});

test('A body that comes piece by piece is written like one in memory', async () => {
  await withRig({}, async ({ server, downstream }) => {
    const message = testMessage();
    async function* pieces(): AsyncGenerator<Uint8Array> {
      for (const piece of ['Subject: x\r', '\n\r\n', '.', 'dot\r\n']) yield Buffer.from(piece);
    }
    const body = { ...message.body, sizeBytes: 20, has8bit: false, read: pieces };
    assert.equal(endOf(await downstream.attempt(request({ ...message, body }))), 'replied dot 250');
    assert.deepEqual(server.contents, ['Subject: x\r\n\r\n..dot\r\n']);
  });
});
