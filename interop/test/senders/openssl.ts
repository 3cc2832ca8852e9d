/** `openssl s_client`, which does the TLS of a conversation that is typed here. It cannot do without TLS. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { missingTools, tool } from '../support/tools.ts';
import type { Mailing, Sender } from './sender.ts';

const REPLY_MS = 20_000;

export const openssl: Sender = {
  name: 'openssl s_client',
  missing: async () => missingTools(['openssl']),
  send: async (mailing) => {
    const conversation = new Conversation(mailing);
    try {
      await converse(conversation, mailing);
    } finally {
      await conversation.end();
    }
  },
};

async function converse(conversation: Conversation, mailing: Mailing): Promise<void> {
  const { mode, user, password, mailFrom, recipients, files } = mailing;
  if (mode === 'implicit') await conversation.expect(/^220 [^\n]*\n/m);
  await conversation.ask('EHLO client.example.com', /^250-router[\s\S]*^250 [^\n]*\n/m);
  const login = Buffer.from(`\0${user}\0${password}`).toString('base64');
  await conversation.ask(`AUTH PLAIN ${login}`, /^235 [^\n]*\n/m);
  for (const file of files) {
    await conversation.ask(`MAIL FROM:<${mailFrom}> BODY=8BITMIME`, /^250 [^\n]*\n/m);
    for (const recipient of recipients) await conversation.ask(`RCPT TO:<${recipient}>`, /^250 [^\n]*\n/m);
    await conversation.ask('DATA', /^354 [^\n]*\n/m);
    const content = (await readFile(file)).toString('latin1');
    await conversation.ask(`${content.replaceAll(/^\./gm, '..')}.`, /^250 [^\n]*\n/m);
  }
  await conversation.ask('QUIT', /^221 [^\n]*\n/m);
}

/** A running s_client: what is written to it goes to the server, what it prints came from there. */
class Conversation {
  readonly #child: ChildProcess;
  #unread = '';
  #errors = '';
  #changed: () => void = () => undefined;

  constructor({ port, mode, authority }: Mailing) {
    const check = ['-CAfile', authority, '-verify_return_error', '-verify_ip', '127.0.0.1'];
    const starttls = mode === 'starttls' ? ['-starttls', 'smtp', '-name', 'client.example.com'] : [];
    const args = ['s_client', '-quiet', '-connect', `127.0.0.1:${port}`, ...check, ...starttls];
    this.#child = spawn(tool('openssl'), args, { stdio: 'pipe' });
    this.#child.stdout?.setEncoding('latin1').on('data', (text: string) => {
      this.#unread += text;
      this.#changed();
    });
    this.#child.stderr?.setEncoding('latin1').on('data', (text: string) => {
      this.#errors += text;
    });
    // A server that refuses closes before everything is written.
    this.#child.stdin?.on('error', () => undefined);
    this.#child.on('close', () => this.#changed());
  }

  /** Sends a line, waits for the reply. */
  async ask(line: string, reply: RegExp): Promise<void> {
    this.#child.stdin?.write(`${line}\r\n`, 'latin1');
    await this.expect(reply);
  }

  /** Waits until the pattern is in what came in, and takes everything up to its end. */
  async expect(reply: RegExp): Promise<void> {
    const signal = AbortSignal.timeout(REPLY_MS);
    for (;;) {
      const found = reply.exec(this.#unread);
      if (found !== null) {
        this.#unread = this.#unread.slice(found.index + found[0].length);
        return;
      }
      const isOver = this.#child.exitCode !== null || signal.aborted;
      if (isOver || /^[45]\d\d [^\n]*\n/m.test(this.#unread)) {
        throw new Error(`openssl was not answered ${reply}: ${this.#unread} ${this.#errors}`);
      }
      await new Promise<void>((resolve) => {
        this.#changed = resolve;
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
    }
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exited;
  }
}
