/** The mails that commands send or ask about. */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { RouterError } from '../errors.ts';

export interface TestMail {
  readonly from: string;
  readonly to: readonly string[];
  readonly at: Date;
}

/** A short mail with the headers RFC 5322 §3.6 asks for; CRLF line ends. */
export function composeTestMail({ from, to, at }: TestMail): Uint8Array {
  const domain = /@([A-Za-z0-9.-]+)$/.exec(from)?.[1] ?? 'localhost';
  const lines = [
    ...(from === '' ? ['From: smtp-router test <>'] : [`From: <${headerText(from)}>`]),
    `To: ${to.map((address) => `<${headerText(address)}>`).join(', ')}`,
    'Subject: smtp-router test',
    `Date: ${at.toUTCString().replace('GMT', '+0000')}`,
    `Message-ID: <${randomUUID()}@${domain}>`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    '',
    'This is a test mail sent by smtp-router send.',
  ];
  return new TextEncoder().encode(`${lines.join('\r\n')}\r\n`);
}

/** A file of this machine as SMTP content: every line ends with CRLF (RFC 5321 §2.3.8). */
export function toCrlf(bytes: Uint8Array): Uint8Array {
  const text = Buffer.from(bytes)
    .toString('latin1')
    .replaceAll(/\r\n|\r|\n/g, '\r\n');
  return Buffer.from(text === '' || text.endsWith('\r\n') ? text : `${text}\r\n`, 'latin1');
}

/** For an option that names an address each time it is given. */
export function collectAddress(address: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, address];
}

/** The content of the mail a command is about: a file, or a short test mail. Throws `ROUTER_BAD_MESSAGE_FILE`. */
export function mailContent(from: string, { to, message }: MailWords): Uint8Array {
  return message === undefined ? composeTestMail({ from, to, at: new Date() }) : readMail(message);
}

/** What the command line says about a mail. */
export interface MailWords {
  readonly to: readonly string[];
  /** Path of the mail, headers included. */
  readonly message?: string;
}

function readMail(file: string): Uint8Array {
  try {
    return toCrlf(readFileSync(file));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    const message = `The mail ${file} cannot be read (${code}).`;
    throw new RouterError('ROUTER_BAD_MESSAGE_FILE', message, { cause: error });
  }
}

function headerText(text: string): string {
  return text.replaceAll(/[\p{Cc}<>]/gu, '');
}
