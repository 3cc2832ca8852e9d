/**
 * Odd but legal mail. What is in it is allowed by RFC 5321 and RFC 5322, obsolete syntax included, or is passed on by
 * every mail server although it is not; none of it gives the router a reason to change or to refuse anything.
 */
import { lines } from './messages.ts';

/** One mail transaction, and what must arrive. */
export interface OddMail {
  /** Argument of MAIL, with its brackets; `<app@example.com>` unless given. */
  readonly mailFrom?: string;
  /** Arguments of RCPT, with their brackets; `<first@example.net>` unless given. */
  readonly recipients?: readonly string[];
  /** Ends in CRLF, or is empty. */
  readonly content: Buffer;
  /** True when MAIL needs SMTPUTF8, which not every server offers. */
  readonly isUtf8?: boolean;
}

const HELLO = lines('Subject: hello', '', 'Hello.');

/** Name and mail. */
export const CORPUS: ReadonlyMap<string, OddMail> = new Map([
  ...contents([
    ['empty message', Buffer.alloc(0)],
    ['one empty line', lines('')],
    ['many empty lines', lines('', '', '', '', '')],
    ['header fields without the empty line behind them', lines('Subject: x', 'From: app@example.com')],
    ['header fields and nothing else', lines('Subject: x', 'From: app@example.com', '')],
    ['no header field', lines('', 'Only a body.')],
    ['no header field and no empty line', lines('Only a body, which no empty line precedes.')],
    ['From folded before the address', lines('From: "App, the"', ' <app@example.com>', '', 'x')],
    [
      'From folded with tabs and comments',
      lines('From:\t(a (nested) comment)', '\tapp@example.com', '', 'x'),
    ],
    ['fold of blanks alone', lines('Subject: a', ' \t', ' b', '', 'x')],
    ['blank before the colon', lines('Subject : x', 'From :app@example.com', '', 'x')],
    ['empty field bodies', lines('Subject:', 'Comments:', 'X-Nothing: ', '', 'x')],
    ['odd field names', lines("X-!#$%&'*+/=?^_`{|}~.: x", 'x:y', '', 'x')],
    [
      'groups',
      lines('From: app@example.com', 'To: undisclosed-recipients:;', 'Cc: us: a@b.example;', '', 'x'),
    ],
    [
      'several From mailboxes with a Sender',
      lines('From: a@b.example, c@d.example', 'Sender: a@b.example', '', 'x'),
    ],
    ['repeated fields', lines('Subject: one', 'Subject: two', 'X: 1', 'X: 2', '', 'x')],
    [
      'mbox separator first',
      lines('From app@example.com Mon Nov 23 12:00:00 2026', 'Subject: x', '', 'From here', '>From'),
    ],
    ['byte order mark first', Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), HELLO])],
    ['UTF-8 in the header without SMTPUTF8', lines('Subject: Größe 漢字', '', 'x')],
    [
      'bytes of no character set in the header',
      Buffer.concat([Buffer.from([0x53, 0x3a, 0xe9, 0xff, 13, 10]), HELLO]),
    ],
    ['every octet but NUL, CR and LF', everyOctet()],
    ['blanks at line ends', lines('Subject: x ', '', 'a ', 'b\t', '  ', '\t', ' ')],
    [
      'dots',
      lines('Subject: .', '', '.', '..', '...', '. ', '.\t', ' .', 'a.', '.a', '..a', '', '.', '', '.'),
    ],
    ['dot as the only line', lines('.')],
    ['dots in the header', lines('.Subject: x', '.', '', 'x')],
    [
      'a fake final dot with commands behind it',
      lines('Subject: x', '', ' .', 'MAIL FROM:<x@y.example>', 'QUIT'),
    ],
    ['last line of a dot', lines('Subject: x', '', 'x', '.')],
    ['last lines empty', lines('Subject: x', '', 'x', '', '', '')],
    ['last line of blanks', lines('Subject: x', '', 'x', '   ')],
    [
      'lines of 998 octets',
      lines('Subject: x', '', 'x'.repeat(998), `.${'y'.repeat(997)}`, `${'z'.repeat(997)}.`),
    ],
    [
      'lines of 999 to 5000 octets',
      lines('Subject: x', '', ...[999, 1000, 1001, 2048, 4096, 5000].map(dottedLine)),
    ],
    ['a line of 300 000 octets', lines('Subject: x', '', 'x'.repeat(300_000))],
    ['a dot at every place around 16 KiB', dotsAround(16_384)],
    ['a dot at every place around 64 KiB', dotsAround(65_536)],
    [
      '900 header fields',
      lines(...Array.from({ length: 900 }, (_, n) => `X-Field-${n}: ${'v'.repeat(40)}`), '', 'x'),
    ],
    [
      'header section of 300 KiB',
      lines(...Array.from({ length: 5000 }, (_, n) => `X-${n}: ${'v'.repeat(52)}`), '', 'x'),
    ],
    ['one field folded over 100 KiB', lines(`X: a${'\r\n bcdefgh'.repeat(10_000)}`, '', 'x')],
    ['a field of 60 000 octets in one line', lines(`X: ${'v'.repeat(60_000)}`, '', 'x')],
    ['twenty Received fields', lines(...Array.from({ length: 20 }, received), 'Subject: x', '', 'x')],
    [
      'a fake trace header of this router',
      lines('Received: from a.example by router.example.com', ' with ESMTP', '', 'x'),
    ],
    ['100 000 short lines', lines('Subject: x', '', ...Array.from({ length: 100_000 }, () => ''))],
    [
      'NUL-free binary that looks like commands',
      lines('RSET', 'QUIT', '', 'DATA', '354 go', '250 ok', '\u007f\u0001'),
    ],
  ]),
  ...envelopes([
    ['null reverse-path', { mailFrom: '<>' }],
    [
      'quoted local parts',
      { recipients: ['<"a b"@example.net>', '<"a@b"@example.net>', '<"a\\"b"@example.net>'] },
    ],
    ['quoted local part of the sender', { mailFrom: '<"odd app"@example.com>' }],
    ['every character of an atom', { recipients: ["<!#$%&'*+-/=?^_`{|}~a@example.net>"] }],
    ['address literals', { recipients: ['<a@[192.0.2.1]>', '<a@[IPv6:2001:db8::1]>'] }],
    ['address literal of the sender', { mailFrom: '<app@[192.0.2.7]>' }],
    [
      'local part of 64 octets, long domain',
      { recipients: [`<${'l'.repeat(64)}@${'d'.repeat(60)}.${'e'.repeat(60)}.example>`] },
    ],
    ['case of addresses', { mailFrom: '<App@EXAMPLE.com>', recipients: ['<First.LAST@Example.NET>'] }],
    [
      'sub-addresses and VERP',
      { mailFrom: '<bounce+first=example.net@example.com>', recipients: ['<a+b+c@example.net>'] },
    ],
    ['200 recipients', { recipients: Array.from({ length: 200 }, (_, n) => `<r${n}@example.net>`) }],
    ['the same recipient twice', { recipients: ['<first@example.net>', '<first@example.net>'] }],
  ]),
  [
    'addresses and header in UTF-8',
    {
      mailFrom: '<zoë@exämple.example>',
      recipients: ['<用户@例え.example>', '<first@example.net>'],
      content: lines('From: Zoë <zoë@exämple.example>', 'Subject: Größe', '', 'Grüße'),
      isUtf8: true,
    },
  ],
]);

function contents(all: readonly (readonly [string, Buffer])[]): readonly [string, OddMail][] {
  return all.map(([name, content]) => [name, { content }]);
}

function envelopes(
  all: readonly (readonly [string, Omit<OddMail, 'content'>])[],
): readonly [string, OddMail][] {
  return all.map(([name, envelope]) => [name, { ...envelope, content: HELLO }]);
}

function everyOctet(): Buffer {
  const octets = Array.from({ length: 256 }, (_, value) => value).filter(
    (value) => ![0, 10, 13].includes(value),
  );
  return Buffer.concat([lines('Subject: octets', ''), Buffer.from(octets), Buffer.from('\r\n')]);
}

/** A line of so many octets that begins and ends with a dot. */
function dottedLine(octets: number): string {
  return `.${'x'.repeat(octets - 2)}.`;
}

/** Short lines of dots on both sides of a position where pieces are likely to be cut. */
function dotsAround(position: number): Buffer {
  const head = lines('Subject: x', '');
  const row = 'x'.repeat(62);
  const filler = Array.from({ length: Math.floor((position - 200 - head.length) / 64) }, () => row);
  const dots = Array.from({ length: 120 }, (_, index) => '.'.repeat(1 + (index % 3)));
  return Buffer.concat([head, lines(...filler, ...dots, 'end')]);
}

function received(_: unknown, index: number): string {
  const date = 'Mon, 23 Nov 2026 12:00:00 +0000';
  return `Received: from h${index}.example by h${index + 1}.example\r\n\twith ESMTP id ${index};\r\n\t${date}`;
}
