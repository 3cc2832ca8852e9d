import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Arena, ENVELOPE, splits, write } from './arena.ts';

const COMMANDS = 'MAIL FROM:<evil@example.com>\r\nRCPT TO:<victim@example.org>\r\nDATA\r\nx\r\n.\r\n';

test('BDAT abuse: a size that cannot be measured ends the session, and nothing behind it is obeyed', async (t) => {
  const sink = await Arena.sink(t);
  const arena = await Arena.open(t, { sinks: [sink] });
  const sizes = [
    '',
    ' ',
    ' -1',
    ' 0x10',
    ' 1e3',
    ' 1.0',
    ' +5',
    ' 5 LAS',
    ' 5 LAST x',
    ' 5LAST',
    ' 99999999999999999999',
    ' 5\t',
    '\t5',
  ];
  for (const size of sizes) {
    const client = await arena.friend();
    await write(client, `${ENVELOPE.join('\r\n')}\r\nBDAT${size}\r\n`, COMMANDS);
    assert.match(
      await client.rest(),
      /^250 [^\r]*\r\n250 [^\r]*\r\n5\d\d 5\.[^\r]*\r\n$/,
      JSON.stringify(size),
    );
    client.stream.destroy();
  }
  assert.deepEqual(sink.lines, []);
});

test('BDAT abuse: a refused chunk is swallowed, never run', async (t) => {
  const sink = await Arena.sink(t);
  const arena = await Arena.open(t, { sinks: [sink] });
  for (const [before, after] of splits(COMMANDS).filter((_, at) => at % 5 === 0)) {
    const stranger = await arena.stranger();
    await write(stranger, `EHLO c\r\nBDAT ${COMMANDS.length}\r\n${before}`, `${after}NOOP\r\n`);
    assert.deepEqual(await stranger.codes(3), ['250', '503', '250']);
    stranger.stream.destroy();
    const friend = await arena.friend();
    await write(friend, `BDAT ${COMMANDS.length} LAST\r\n${before}`, `${after}NOOP\r\n`);
    assert.deepEqual(await friend.codes(2), ['503', '250']);
    friend.stream.destroy();
  }
  assert.deepEqual(sink.lines, []);
});

test('BDAT abuse: commands in a chunk are content, wherever chunks and packets are cut', async (t) => {
  const sink = await Arena.sink(t);
  const arena = await Arena.open(t, { sinks: [sink] });
  const client = await arena.friend();
  const cuts = splits(COMMANDS).filter((_, at) => at % 4 === 0);
  for (const [before, after] of cuts) {
    await write(
      client,
      `${ENVELOPE.join('\r\n')}\r\nBDAT ${before.length}\r\n${before}`,
      `BDAT ${after.length} LAST\r\n`,
      after,
    );
    assert.deepEqual(await client.codes(4), ['250', '250', '250', '250']);
    assert.ok(sink.mails.at(-1)?.content.endsWith(`\r\n${COMMANDS}`));
  }
  assert.equal(sink.mails.length, cuts.length);
  assert.ok(!sink.lines.some((line) => line.includes('evil')));
});

test('BDAT abuse: chunks do not mix with DATA, nor with another transaction', async (t) => {
  const sink = await Arena.sink(t);
  const arena = await Arena.open(t, { sinks: [sink] });
  const client = await arena.friend();
  await write(client, `${ENVELOPE.join('\r\n')}\r\nBDAT 3\r\nx\r\n`);
  assert.deepEqual(await client.codes(3), ['250', '250', '250']);
  client.say(
    'DATA',
    'RCPT TO:<c@example.org>',
    'MAIL FROM:<c@example.com>',
    'STARTTLS',
    'RSET',
    'BDAT 0 LAST',
  );
  const codes = await client.codes(6);
  assert.deepEqual(
    [codes.slice(0, 4).every((code) => code.startsWith('50')), codes[4], codes[5]],
    [true, '250', '503'],
  );
  assert.deepEqual(sink.mails, []);
});

test('BDAT abuse: content that is cut off within a chunk, or between chunks, is no message', async (t) => {
  const sink = await Arena.sink(t);
  const arena = await Arena.open(t, { sinks: [sink] });
  for (const part of [
    'BDAT 100 LAST\r\nSubject: x\r\n',
    'BDAT 3\r\nx\r\n',
    'BDAT 3\r\nx\r\nBDAT 3 LAST\r\ny',
  ]) {
    for (const isReset of [false, true]) {
      const client = await arena.friend();
      await write(client, `${ENVELOPE.join('\r\n')}\r\n${part}`);
      await client.codes(2);
      if (isReset) client.stream.resetAndDestroy();
      else client.stream.end();
      const [sessionId] = await ended(arena);
      assert.ok(sessionId !== undefined);
    }
  }
  assert.deepEqual(sink.lines, []);
});

/** The sessions that have ended since, one at least. */
async function ended(arena: Arena): Promise<readonly string[]> {
  const before = arena.router.events.length;
  await arena.router.until(
    (event) => event.kind === 'session-closed' && arena.router.events.indexOf(event) >= before - 1,
  );
  return arena.router.events.flatMap((event) => (event.kind === 'session-closed' ? event.sessionId : []));
}

test('BDAT abuse: bare CR, bare LF and NUL are refused behind the last chunk, split over chunks too', async (t) => {
  const sink = await Arena.sink(t);
  const arena = await Arena.open(t, { sinks: [sink] });
  for (const content of ['x\ry\r\n', 'x\ny\r\n', 'x\r\r\n', 'x\0\r\n', '\n.\n', 'x\r']) {
    for (const [before, after] of splits(content)) {
      const client = await arena.friend();
      await write(
        client,
        `${ENVELOPE.join('\r\n')}\r\nBDAT ${before.length}\r\n${before}BDAT ${after.length} LAST\r\n${after}`,
      );
      assert.deepEqual(await client.codes(4), ['250', '250', '250', '550'], JSON.stringify([before, after]));
      client.stream.destroy();
    }
  }
  assert.deepEqual(sink.mails, []);
});

test('BDAT abuse: more than the limit is refused, whether one chunk announces it or many add up', async (t) => {
  const sink = await Arena.sink(t);
  const arena = await Arena.open(t, { sinks: [sink], yaml: 'limits: { message_size: 1KiB }' });
  const client = await arena.friend();
  await write(client, `${ENVELOPE.join('\r\n')}\r\nBDAT 1025 LAST\r\n${'x'.repeat(1_025)}NOOP\r\n`);
  assert.deepEqual(await client.codes(4), ['250', '250', '552', '250']);
  await write(client, `${ENVELOPE.join('\r\n')}\r\n${`BDAT 400\r\n${'x'.repeat(400)}`.repeat(3)}NOOP\r\n`);
  assert.deepEqual(await client.codes(6), ['250', '250', '250', '250', '552', '250']);
  assert.deepEqual(sink.mails, []);
});

test('BDAT abuse: a refused chunk is not waited for when no message may be so large', async (t) => {
  const arena = await Arena.open(t, { sinks: [await Arena.sink(t)], yaml: 'limits: { message_size: 1KiB }' });
  const stranger = await arena.stranger();
  await write(stranger, 'EHLO c\r\nBDAT 1025\r\nx');
  assert.match(await stranger.rest(), /\r\n552 5\.3\.4 [^\r]*\r\n$/);
});
