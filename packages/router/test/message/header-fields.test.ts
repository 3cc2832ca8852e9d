import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { HeaderFields } from '../../src/message/header-fields.ts';

const runs = { numRuns: Number(process.env['FUZZ_RUNS'] ?? 200) };

function fieldsOf(text: string): HeaderFields {
  return new HeaderFields(Buffer.from(text));
}

test('A field is found by its name in any case, trimmed', () => {
  const fields = fieldsOf('Message-ID:  <a@b> \r\nsubject:Hi\r\n\r\n');
  assert.equal(fields.first('MESSAGE-id'), '<a@b>');
  assert.equal(fields.first('Subject'), 'Hi');
  assert.equal(fields.first('Date'), '');
});

test('A folded field is unfolded by removing line ends only (RFC 5322 §2.2.3)', () => {
  assert.equal(fieldsOf('Subject: one\r\n two\r\n\tthree\r\n\r\n').first('subject'), 'one two\tthree');
});

test('The first of several fields counts, and all of them are counted', () => {
  const fields = fieldsOf('Received: a\r\nX: 1\r\nRECEIVED: b\r\n c\r\nReceived: d\r\n\r\n');
  assert.equal(fields.first('received'), 'a');
  assert.equal(fields.count('Received'), 3);
});

test('Nothing behind the empty line is a field', () => {
  assert.equal(fieldsOf('A: 1\r\n\r\nReceived: x\r\n').count('received'), 0);
});

test('Lines that are no fields are passed over with their continuations', () => {
  const fields = fieldsOf('From someone\r\n folded\r\n: no name\r\nba d: x\r\nSubject: y\r\n\r\n');
  assert.equal(fields.first('subject'), 'y');
  assert.equal(fields.first('ba d'), '');
});

test('White space before the colon is the obsolete form (RFC 5322 §4.5)', () => {
  assert.equal(fieldsOf('Subject \t: old\r\n\r\n').first('subject'), 'old');
});

test('All fields come in message order, named as in the message and unfolded', () => {
  const fields = fieldsOf('X-B: 2\r\nX-A: 1\r\n more\r\nno field\r\nx-b: 3\r\n\r\n');
  assert.deepEqual(fields.everything, [
    { name: 'X-B', value: '2' },
    { name: 'X-A', value: '1 more' },
    { name: 'x-b', value: '3' },
  ]);
});

test('UTF-8 is read, invalid bytes become U+FFFD', () => {
  assert.equal(fieldsOf('Subject: Grüße\r\n').first('subject'), 'Grüße');
  assert.equal(new HeaderFields(Buffer.from([0x53, 0x3a, 0x20, 0xff])).first('s'), '�');
});

test('A header section cut in the middle of a field still gives what is there', () => {
  assert.equal(fieldsOf('Subject: half of').first('subject'), 'half of');
});

test('The address of the first From mailbox is found', () => {
  assert.equal(fieldsOf('From: "Doe, Jane" <jane@x.example>, b@y.example\r\n').fromAddress, 'jane@x.example');
});

test('Arbitrary bytes are read without failure, and no value holds a line end', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2_000 }), (bytes) => {
      const fields = new HeaderFields(bytes);
      for (const name of ['from', 'subject', 'message-id']) {
        assert.doesNotMatch(fields.first(name), /[\r\n]/);
      }
      assert.equal(typeof fields.fromAddress, 'string');
    }),
    runs,
  );
});

test('Every field of a well-formed header is found again', () => {
  const name = fc.stringMatching(/^[A-Za-z-]{1,20}$/);
  const value = fc.stringMatching(/^[!-~]{1,40}$/);
  fc.assert(
    fc.property(fc.array(fc.tuple(name, value), { maxLength: 20 }), (pairs) => {
      const fields = fieldsOf(
        pairs
          .map(([n, v]) => `${n}: ${v}\r\n`)
          .join('')
          .concat('\r\n'),
      );
      for (const [n] of pairs) {
        const first = pairs.find(([other]) => other.toLowerCase() === n.toLowerCase());
        assert.equal(fields.first(n), first?.[1]);
      }
    }),
    runs,
  );
});

test('The work grows in proportion to the size, whatever the bytes are', () => {
  const hostile = [
    'a',
    'a:',
    'a:\r\n',
    ' \r\n',
    ':',
    'From: (((((',
    'From: "',
    'From: <',
    'a:\r\n b\r\n',
    '\r\n ',
  ];
  for (const pattern of hostile) {
    const small = stepsFor(pattern, 16_384);
    const large = stepsFor(pattern, 65_536);
    assert.ok(large < small * 12 + 20, `${JSON.stringify(pattern)}: ${small} ms, then ${large} ms`);
  }
});

/** Best of several runs in milliseconds: quadratic work would grow 16-fold with fourfold size. */
function stepsFor(pattern: string, size: number): number {
  const bytes = Buffer.alloc(size, pattern);
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 5; round += 1) {
    const begun = performance.now();
    const fields = new HeaderFields(bytes);
    fields.first('from');
    fields.count('received');
    void fields.fromAddress;
    best = Math.min(best, performance.now() - begun);
  }
  return best;
}
