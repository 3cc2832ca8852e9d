import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SmtpServerSession } from '@smtp-router/smtp/server';
import fc from 'fast-check';
import { Arena, behind, splits, write } from './arena.ts';

/** What some server or other has taken for the end of data. */
const FALSE_ENDS = [
  '\n.\n',
  '\n.\r\n',
  '\r\n.\n',
  '\r.\r',
  '\r.\r\n',
  '\r\n.\r',
  '\n.\r',
  '\r\r\n.\r\r\n',
  '\r\n\n.\r\n',
  '\r\n.\r\r\n',
  '\n\r\n.\n\r\n',
];
const SECOND =
  'MAIL FROM:<evil@example.com>\r\nRCPT TO:<victim@example.org>\r\nDATA\r\nSubject: evil\r\n\r\nx';

for (const end of FALSE_ENDS) {
  const name = JSON.stringify(end);

  test(`Smuggling in: behind ${name} no second message begins, and nothing is relayed`, async (t) => {
    const sink = await Arena.sink(t);
    const arena = await Arena.open(t, { sinks: [sink] });
    for (const [before, after] of splits(end)) {
      const client = await arena.writer();
      await write(client, `Subject: x\r\n\r\nx${before}`, `${after}${SECOND}\r\n.\r\nNOOP\r\n`);
      assert.match(await client.rest(), /^550 5\.6\.11 [^\r]*\r\n$/);
    }
    assert.deepEqual(sink.mails, []);
    assert.ok(!sink.lines.some((line) => line.startsWith('MAIL')));
  });

  test(`Smuggling in: the engine asks for one MAIL only, wherever ${name} is cut`, () => {
    const stream = `EHLO c\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\nx${end}${SECOND}\r\n.\r\nNOOP\r\n`;
    for (const pieces of [...splits(stream), [...stream]]) {
      const session = new SmtpServerSession({ hostname: 'mx' });
      assert.deepEqual(questions(session, pieces), ['mail', 'rcpt', 'data', 'content-end bare']);
      assert.equal(session.phase, 'closed');
    }
  });
}

/** What the engine asked; the kind of a fault with the end of content. */
function questions(session: SmtpServerSession, pieces: readonly string[]): readonly string[] {
  const asked: string[] = [];
  session.greet();
  for (const piece of pieces) {
    session.receive(Buffer.from(piece, 'latin1'));
    for (let event = session.nextEvent(); event !== undefined; event = session.nextEvent()) {
      if (event.kind === 'content-end') asked.push(`content-end ${event.fault?.split('-')[0]}`);
      else if (event.kind === 'mail' || event.kind === 'rcpt' || event.kind === 'data')
        asked.push(event.kind);
      if (session.phase === 'answer') {
        session.answer({ code: event.kind === 'data' ? 354 : 250, lines: ['Ok'] });
      }
    }
  }
  return asked;
}

test('Smuggling out: any content a client may send is one message downstream, dots stuffed, lines ended by CRLF', async (t) => {
  const downstream = await Arena.scripted(t);
  const arena = await Arena.open(t, { sinks: [behind(downstream)] });
  const client = await arena.friend();
  const line = fc
    .array(
      fc.constantFrom('.', '..', 'MAIL FROM:<x@y>', 'QUIT', ' ', '\x0b', '\x0c', '\x85', '\xe2\x80\xa8', 'a'),
      {
        maxLength: 3,
      },
    )
    .map((words) => words.join(''));
  const property = fc.asyncProperty(fc.array(line, { minLength: 1, maxLength: 6 }), async (lines) => {
    const wire = lines.map((text) => `${text.startsWith('.') ? '.' : ''}${text}\r\n`).join('');
    client.say('MAIL FROM:<a@example.com>', 'RCPT TO:<b@example.org>', 'DATA');
    await client.codes(3);
    const before = downstream.contents.length;
    await write(client, wire, '.\r\n');
    assert.match(await client.reply(), /^250 /);
    assert.equal(downstream.contents.length, before + 1);
    const relayed = downstream.contents.at(-1) ?? '';
    assert.ok(relayed.endsWith(`\r\n${wire}`), JSON.stringify(relayed));
    assert.doesNotMatch(relayed.replaceAll('\r\n', ''), /[\r\n]/);
    assert.doesNotMatch(relayed, /\r\n\.[\r\n]/);
  });
  await fc.assert(property, { numRuns: 40 });
  assert.ok(!downstream.commands.some((command) => command.includes('x@y')), 'content stayed content');
});

test('Smuggling out: a dot at every place of a chunk stays within its message', async (t) => {
  const downstream = await Arena.scripted(t);
  const arena = await Arena.open(t, { sinks: [behind(downstream)] });
  const wire = 'Subject: x\r\n\r\n..\r\n..MAIL FROM:<evil@example.com>\r\n...\r\n.\r\n';
  for (const [before, after] of splits(wire)) {
    const client = await arena.writer();
    await write(client, before, after);
    assert.match(await client.reply(), /^250 /);
    client.stream.destroy();
  }
  assert.equal(downstream.contents.length, wire.length + 1);
  for (const content of downstream.contents) assert.ok(content.endsWith(`\r\n${wire.slice(0, -3)}`));
});
