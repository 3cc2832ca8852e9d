import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Arena, assertOneLine, splits, write } from './arena.ts';

/** One byte a character: VT, FF, FS, NEL as one byte and in UTF-8, LS and PS in UTF-8, IND. */
const NO_LINE_ENDS = ['\x0b', '\x0c', '\x1c', '\x85', '\xc2\x85', '\xe2\x80\xa8', '\xe2\x80\xa9', '\x84'];

test('NUL, VT, FF, NEL, U+2028: none of them ends a line of content, so none of them ends data', async (t) => {
  const sink = await Arena.sink(t);
  const arena = await Arena.open(t, { sinks: [sink] });
  for (const separator of NO_LINE_ENDS) {
    const content = `Subject: x\r\n\r\nx${separator}.${separator}MAIL FROM:<evil@example.com>${separator}\r\n`;
    const client = await arena.writer();
    await write(client, `${content}.\r\n`);
    assert.match(await client.reply(), /^250 /);
    assert.ok(sink.mails.at(-1)?.content.endsWith(`\r\n${content}`));
    client.stream.destroy();
  }
  assert.equal(sink.mails.length, NO_LINE_ENDS.length);
});

test('NUL, VT, FF, NEL, U+2028: a NUL in content is refused behind the real end, and the session goes on', async (t) => {
  const sink = await Arena.sink(t);
  const arena = await Arena.open(t, { sinks: [sink] });
  for (const [before, after] of splits('\r\n\0\r\n.\0\r\n.\r\n')) {
    const client = await arena.writer();
    await write(client, `x${before}`, `${after}NOOP\r\n`);
    assert.match(await client.reply(), /^550 5\.6\.0 /);
    assert.match(await client.reply(), /^250 /);
    client.stream.destroy();
  }
  assert.deepEqual(sink.mails, []);
});

test('NUL, VT, FF, NEL, U+2028: in a command they are refused, never an end of the line', async (t) => {
  const sink = await Arena.sink(t);
  const arena = await Arena.open(t, { sinks: [sink] });
  for (const character of ['\0', '\t', '\x7f', ...NO_LINE_ENDS]) {
    const client = await arena.friend();
    await write(client, `MAIL FROM:<a${character}@example.com>\r\n`);
    assert.match(await client.reply(), /^5\d\d 5\./, JSON.stringify(character));
    await write(client, `NOOP${character}QUIT\r\n`);
    assert.match(await client.reply(), /^5\d\d 5\./, JSON.stringify(character));
    await write(client, `RSET\r\n`);
    assert.match(await client.reply(), /^250 /);
    client.stream.destroy();
  }
});

test('NUL, VT, FF, NEL, U+2028: a bare CR or LF in a command ends the session, wherever it is cut', async (t) => {
  const sink = await Arena.sink(t);
  const arena = await Arena.open(t, { sinks: [sink] });
  for (const end of ['\n', '\r', '\r\r\n']) {
    for (const [before, after] of splits(`NOOP${end}MAIL FROM:<evil@example.com>\r\n`)) {
      const client = await arena.friend();
      await write(client, before, after);
      assert.match(await client.rest(), /^500 5\.5\.2 [^\r]*\r\n$/);
    }
  }
});

test('NUL, VT, FF, NEL, U+2028: what a client writes never makes a second line in the log', async (t) => {
  const sink = await Arena.sink(t);
  const arena = await Arena.open(t, { sinks: [sink] });
  const client = await arena.friend();
  await write(client, 'EHLO x\\r\\n{"level":"error"}"\r\n', 'MAIL FROM:<"a\\"\\\\n{}"@example.com>\r\n');
  assert.deepEqual(await client.codes(2), ['250', '250']);
  await write(
    client,
    'RCPT TO:<b@example.org>\r\nDATA\r\nSubject: =?utf-8?q?=0A{}?=\r\n\tx\r\n\r\nx\r\n.\r\n',
  );
  assert.deepEqual(await client.codes(3), ['250', '354', '250']);
  await arena.router.until((event) => event.kind === 'message-ended');
  assert.notEqual(arena.router.logLines.length, 0);
  for (const line of arena.router.logLines) {
    assertOneLine(line);
    assert.doesNotThrow(() => JSON.parse(line));
  }
});
