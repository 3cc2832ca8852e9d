/**
 * The messages that must arrive as they were sent. All lines end in CRLF, as SMTP has them.
 */

/** Name and bytes of each. */
export const MESSAGES: ReadonlyMap<string, Buffer> = new Map([
  ['plain text', lines('Subject: plain', 'From: app@example.com', '', 'Hello.')],
  ['MIME with attachments', mimeMessage()],
  ['8-bit text in two character sets', eightBit()],
  ['dots at line starts', lines('Subject: dots', '', '.', '..', '...three', '.leading', 'trailing.', '.')],
  ['headers and an empty body', lines('Subject: nothing', 'From: app@example.com', '')],
  ['a body without any header', lines('', 'only a body')],
  ['lines of 998 characters and folded headers', longLines()],
  ['5 MiB', largeMessage(5 * 1024 * 1024)],
]);

/** Joins lines and ends each by CRLF. */
export function lines(...all: readonly string[]): Buffer {
  return Buffer.from(`${all.join('\r\n')}\r\n`, 'utf8');
}

function mimeMessage(): Buffer {
  const attachment = Buffer.from(Array.from({ length: 3000 }, (_, index) => (index * 7) % 256));
  const encoded = attachment.toString('base64').replaceAll(/.{76}/g, '$&\r\n');
  return lines(
    'MIME-Version: 1.0',
    'From: "App, the" <app@example.com>',
    'To: first@example.net, Second <second@example.net>',
    'Subject: =?utf-8?Q?Rechnung_f=C3=BCr_M=C3=A4rz?=',
    'Message-ID: <mime.1@example.com>',
    'Content-Type: multipart/mixed; boundary="=-outer"',
    '',
    'A preamble.',
    '--=-outer',
    'Content-Type: multipart/alternative; boundary="=-inner"',
    '',
    '--=-inner',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: quoted-printable',
    '',
    'Gr=C3=BC=C3=9Fe  ',
    '--=-inner',
    'Content-Type: text/html',
    '',
    '<p>.a dot</p>',
    '--=-inner--',
    '--=-outer',
    'Content-Type: application/octet-stream; name="data.bin"',
    'Content-Transfer-Encoding: base64',
    'Content-Disposition: attachment; filename="data.bin"',
    '',
    encoded,
    '--=-outer--',
  );
}

function eightBit(): Buffer {
  return Buffer.concat([
    lines('Subject: bytes', 'Content-Type: text/plain; charset=utf-8', 'Content-Transfer-Encoding: 8bit', ''),
    lines('Größe, naïveté, 漢字, 🙂'),
    Buffer.from([0xe9, 0xff, 0x80, 0xa0, 0x0d, 0x0a]),
  ]);
}

function longLines(): Buffer {
  const folded = `References: ${Array.from({ length: 30 }, (_, index) => `<${index}@example.com>`).join('\r\n ')}`;
  return lines('Subject: long', folded, '', 'x'.repeat(998), `.${'y'.repeat(997)}`, '\ttabs\t and blanks   ');
}

/** A message of at least so many bytes; not a repeated line, so that a lost or doubled piece shows. */
export function largeMessage(sizeBytes: number): Buffer {
  const head = lines('Subject: large', '');
  const rows: string[] = [];
  for (let size = head.length, row = 0; size < sizeBytes; row += 1) {
    const text = `${row % 50 === 0 ? '.' : ''}${row} ${'abcdefghijklmnopqrstuvwxyz'.repeat(2)}`;
    rows.push(text);
    size += text.length + 2;
  }
  return Buffer.concat([head, Buffer.from(`${rows.join('\r\n')}\r\n`)]);
}
