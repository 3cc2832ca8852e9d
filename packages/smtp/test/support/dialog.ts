/**
 * Dialog files (`test/dialogs/*.smtp`): a session as a transcript.
 *
 *     # what the dialog shows; the first comment is the title
 *     server {"hostname": "mx.example"}      options of the engine under test, `server` or `client`
 *     S: 220 mx.example ESMTP                a line of the server
 *     C: EHLO c.example                      a line of the client
 *     E: hello EHLO c.example                an event of the engine under test, in order
 *     A: 550 5.1.1 No such user              the answer to the next question (server dialogs)
 *     D: begin <a@b.example> -> <c@d.example> what the driver does now (client dialogs), or tlsStarted
 *
 * Escapes in C and S lines: \r \n \0 \xNN \\, and \c at the end for "no CRLF here". Questions without
 * an A line are answered friendly. The lines of the peer are fed to the engine cut in several ways;
 * what comes out must be the same, so only the order within output and within events counts.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SmtpReply } from '../../src/grammar/reply.ts';
import { bytesOf } from './chunks.ts';

const DIRECTORY = join(import.meta.dirname, '..', 'dialogs');

/** Bytes of the peer, or something the driver does. */
export type DialogStep =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'do'; readonly words: string };

export interface Dialog {
  readonly file: string;
  readonly title: string;
  readonly role: 'server' | 'client';
  readonly options: Readonly<Record<string, unknown>>;
  readonly steps: readonly DialogStep[];
  /** Everything the engine under test has to send. */
  readonly output: string;
  readonly events: readonly string[];
  readonly answers: readonly SmtpReply[];
}

/** Every dialog of a role. */
export function readDialogs(role: Dialog['role']): readonly Dialog[] {
  return readdirSync(DIRECTORY)
    .filter((file) => file.endsWith('.smtp'))
    .sort()
    .map((file) => parseDialog(file, readFileSync(join(DIRECTORY, file), 'utf8')))
    .filter((dialog) => dialog.role === role);
}

function parseDialog(file: string, text: string): Dialog {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const title = lines[0]?.replace(/^# /, '') ?? file;
  const head = lines.find((line) => /^(server|client) /.test(line)) ?? '';
  const role = head.startsWith('server') ? 'server' : 'client';
  const peer = role === 'server' ? 'C' : 'S';
  const of = (mark: string): readonly string[] =>
    lines.filter((line) => line.startsWith(`${mark}:`)).map((line) => line.slice(3));
  return {
    file,
    title,
    role,
    options: JSON.parse(head.slice(head.indexOf('{'))) as Record<string, unknown>,
    steps: readSteps(lines, role),
    output: of(peer === 'C' ? 'S' : 'C')
      .map(lineText)
      .join(''),
    events: of('E').map(unescapeText),
    answers: of('A').map(parseAnswer),
  };
}

/** A client may send before it was answered; a server that answers before it was asked is at fault. */
function readSteps(lines: readonly string[], role: Dialog['role']): readonly DialogStep[] {
  const steps: DialogStep[] = [];
  const peer = role === 'server' ? 'C:' : 'S:';
  const ends = role === 'server' ? ['D:'] : ['D:', 'C:'];
  let pending = '';
  const flush = (): void => {
    if (pending !== '') steps.push({ kind: 'bytes', bytes: bytesOf(pending) });
    pending = '';
  };
  for (const line of lines) {
    const mark = line.slice(0, 2);
    if (mark === peer) pending += lineText(line.slice(3));
    if (ends.includes(mark)) flush();
    if (mark === 'D:') steps.push({ kind: 'do', words: line.slice(3) });
  }
  flush();
  return steps;
}

function lineText(line: string): string {
  return line.endsWith('\\c') ? unescapeText(line.slice(0, -2)) : `${unescapeText(line)}\r\n`;
}

function unescapeText(text: string): string {
  return text.replace(/\\(r|n|0|\\|x([0-9a-f]{2}))/g, (_, name: string, hex: string | undefined) => {
    if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
    return { r: '\r', n: '\n', '0': '\0', '\\': '\\' }[name] ?? '';
  });
}

function parseAnswer(text: string): SmtpReply {
  const match = /^(\d{3}) (?:(\d\.\d+\.\d+) )?(.*)$/.exec(text);
  const [, code = '', enhancedCode, words = ''] = match ?? [];
  return { code: Number(code), ...(enhancedCode !== undefined && { enhancedCode }), lines: [words] };
}
