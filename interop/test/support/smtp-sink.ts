/**
 * Postfix's smtp-sink as a downstream. It writes every message to a file of its own: lines about the
 * transaction first, then the content with CRLF turned into LF and one more LF at the end.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readdir, readFile, unlink } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { atEnd, freePort, tryConnect, waitFor } from './scratch.ts';
import { tool } from './tools.ts';

/** One message as smtp-sink got it. */
export interface SunkMessage {
  /** Argument of MAIL and of each RCPT, angle brackets included. */
  readonly mailFrom: string;
  readonly recipients: readonly string[];
  /** Lines end in LF: smtp-sink drops the CR. Our trace header is still in front. */
  readonly content: Buffer;
}

/** A running smtp-sink on a port of 127.0.0.1. */
export class SmtpSink {
  readonly port: number;
  readonly #folder: string;

  private constructor(port: number, folder: string) {
    this.port = port;
    this.#folder = folder;
  }

  /** Starts one; `args` are more of its options. It ends after the test. */
  static async start(t: TestContext, folder: string, ...args: string[]): Promise<SmtpSink> {
    const port = await freePort();
    const dumps = join(folder, `sink-${port}`);
    await mkdir(dumps);
    await chmod(dumps, 0o777);
    const privileges = userInfo().uid === 0 ? ['-u', 'nobody'] : [];
    const all = [...privileges, '-d', join(dumps, 'message.'), ...args, `127.0.0.1:${port}`, '128'];
    const child = spawn(tool('smtp-sink'), all, { stdio: 'ignore' });
    const exited = once(child, 'exit');
    atEnd(t, async () => {
      child.kill('SIGKILL');
      await exited;
    });
    await waitFor('smtp-sink', 10_000, () => tryConnect(port));
    return new SmtpSink(port, dumps);
  }

  /** Everything received since the last time, in no order. */
  async take(): Promise<readonly SunkMessage[]> {
    const files = await readdir(this.#folder);
    return Promise.all(
      files.map(async (file) => {
        const path = join(this.#folder, file);
        const message = parseDump(await readFile(path));
        await unlink(path);
        return message;
      }),
    );
  }
}

/** `X-Client-Addr … X-Rcpt-Args … Received: … id …;\n\t<date>\n`, then the content, then one LF. */
function parseDump(dump: Buffer): SunkMessage {
  const text = dump.toString('latin1');
  const received = text.indexOf('\nReceived: from ');
  const dateLine = text.indexOf('\n\t', text.indexOf('by smtp-sink', received));
  const start = text.indexOf('\n', dateLine + 1) + 1;
  const head = text.slice(0, received).split('\n');
  const values = (field: string) =>
    head.filter((line) => line.startsWith(`${field}: `)).map((line) => line.slice(field.length + 2));
  return {
    mailFrom: values('X-Mail-Args')[0] ?? '',
    recipients: values('X-Rcpt-Args'),
    content: dump.subarray(start, dump.length - 1),
  };
}
