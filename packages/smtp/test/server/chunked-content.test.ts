import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { SmtpServerOptions } from '../../src/server/server-options.ts';
import { bytesOf, cutBy, cuts, everySplit, fuzzRuns, textOf } from '../support/chunks.ts';
import { runServer, ServerDriver, type ServerTrace } from '../support/server-driver.ts';

const OPTIONS: SmtpServerOptions = { hostname: 'mx.example', isChunkingOffered: true, maxMessageBytes: 200 };
const ENVELOPE = 'EHLO c\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\n';

/** A session that sends the content in the given chunks, the last one marked, and something behind it. */
function chunked(chunks: readonly Uint8Array[]): Uint8Array {
  const parts = chunks.map((chunk, index) => {
    const end = index === chunks.length - 1 ? ' LAST' : '';
    return `BDAT ${chunk.length}${end}\r\n${textOf(chunk)}`;
  });
  return bytesOf(`${ENVELOPE}${parts.join('')}NOOP\r\n`);
}

/** What the session came to, without the replies to chunks that were not the last. */
function resultOf({ output, events }: ServerTrace): readonly string[] {
  return [output.replace(/250 2\.0\.0 \d+ octets received\r\n/g, ''), ...events];
}

test('Every way to cut a session of chunks in two leads to the same', () => {
  const bytes = bytesOf(
    `${ENVELOPE}BDAT 5\r\na\r\n.\rBDAT 1\r\n\nBDAT 0\r\nBDAT 6 LAST\r\nQUIT\r\nNOOP\r\nBDAT 6\r\nQUIT\r\nNOOP\r\n`,
  );
  const whole = runServer(OPTIONS, [bytes]);
  assert.ok(whole.events.includes('content "a\\r\\n.\\r\\nQUIT\\r\\n"'));
  assert.equal(whole.events.at(-1), 'protocol-error SMTP_COMMAND_SEQUENCE');
  for (const split of everySplit(bytes)) {
    const cut = runServer(OPTIONS, split);
    assert.deepEqual([cut.output, cut.events], [whole.output, whole.events]);
  }
});

const content = fc
  .array(
    fc.constantFrom('\r\n', '\r', '\n', '.', '\0', 'text', '\xff', 'RSET\r\n', '\r\n.\r\n', 'BDAT 3\r\n'),
    {
      maxLength: 20,
    },
  )
  .map((parts) => bytesOf(parts.join('')));

test('However content is cut into BDATs and segments, the events are those of one piece', () => {
  fc.assert(
    fc.property(content, cuts, cuts, (bytes, chunkSizes, segmentSizes) => {
      const chunks = cutBy(bytes, chunkSizes);
      const whole = runServer(OPTIONS, [chunked([bytes])]);
      const cut = runServer(OPTIONS, cutBy(chunked(chunks.length === 0 ? [bytes] : chunks), segmentSizes));
      assert.deepEqual(resultOf(cut), resultOf(whole));
    }),
    { numRuns: fuzzRuns(1_000) },
  );
});

test('Smuggling through BDAT: nothing in a chunk is ever run, wherever it was refused', () => {
  const hostile = fc
    .array(
      fc.constantFrom(
        'MAIL FROM:<evil@b>\r\n',
        'RCPT TO:<evil@d>\r\n',
        'DATA\r\n',
        '.\r\n',
        '\r',
        '\n',
        '\r\n',
      ),
    )
    .map((parts) => bytesOf(parts.join('')));
  const before = fc.constantFrom('', 'EHLO c\r\n', 'HELO c\r\n', 'EHLO c\r\nMAIL FROM:<a@b>\r\n', ENVELOPE);
  fc.assert(
    fc.property(
      before,
      fc.array(hostile, { maxLength: 4 }),
      fc.boolean(),
      cuts,
      (opening, chunks, isOffered, sizes) => {
        const parts = chunks.map((chunk) => `BDAT ${chunk.length}\r\n${textOf(chunk)}`);
        const options = { ...OPTIONS, isChunkingOffered: isOffered };
        const { events } = runServer(options, cutBy(bytesOf(`${opening}${parts.join('')}`), sizes));
        assert.ok(!events.some((event) => /^(mail|rcpt) <evil/.test(event)), events.join('\n'));
      },
    ),
    { numRuns: fuzzRuns(400) },
  );
});

test('BDAT abuse: a refused chunk is thrown away as it comes, and its pieces are no progress', () => {
  const maxMessageBytes = 50 * 65_536 + 1;
  const driver = new ServerDriver({ ...OPTIONS, maxMessageBytes });
  driver.feed([bytesOf(`EHLO c\r\nBDAT ${maxMessageBytes}\r\n`)]);
  const before = driver.output.length;
  for (let turn = 0; turn < 50; turn += 1) driver.feed([new Uint8Array(65_536).fill(0x0a)]);
  assert.equal(driver.session.phase, 'command');
  assert.equal(driver.output.length, before);
  assert.deepEqual(driver.events, ['hello EHLO c']);
  driver.feed([bytesOf('\nNOOP\r\n')]);
  assert.match(driver.output.slice(before), /^503 [^\r]*\r\n250 [^\r]*\r\n$/);
});

test('BDAT abuse: a refused chunk larger than any message may be ends the session', () => {
  const { output, events } = runServer(OPTIONS, [bytesOf('EHLO c\r\nBDAT 201\r\nNOOP\r\n')]);
  assert.match(output, /\r\n552 5\.3\.4 [^\r]*\r\n$/);
  assert.equal(events.at(-1), 'close bad-chunk-size');
});

test('BDAT abuse: refused chunks count as errors, and too many of them end the session', () => {
  const { output, events } = runServer({ ...OPTIONS, maxErrors: 3 }, [
    bytesOf(`EHLO c\r\n${'BDAT 6\r\nQUIT\r\n'.repeat(5)}`),
  ]);
  assert.equal(events.at(-1), 'close too-many-errors');
  assert.match(output, /421 4\.7\.0 /);
});

test('A chunk that breaks off is no message: the end of content is never told', () => {
  for (const sent of ['BDAT 9 LAST\r\nhalf', 'BDAT 4\r\nhalf', 'BDAT 9\r\nhalf']) {
    const driver = new ServerDriver(OPTIONS).feed([bytesOf(`${ENVELOPE}${sent}`)]);
    driver.session.shutdown({ code: 421, lines: ['Closing'] });
    driver.feed([bytesOf(' more\r\nNOOP\r\n')]);
    assert.equal(
      driver.events.some((event) => event.startsWith('content-end')),
      false,
    );
    assert.equal(driver.events.at(-1), 'close shutdown');
  }
});

test('Between chunks the session waits for a command, within one for content', () => {
  const driver = new ServerDriver(OPTIONS).feed([bytesOf(`${ENVELOPE}BDAT 2\r\nx`)]);
  assert.equal(driver.session.phase, 'content');
  driver.feed([bytesOf('y')]);
  assert.equal(driver.session.phase, 'command');
});
