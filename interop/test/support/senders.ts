/**
 * Mail programs others wrote, as clients of the router.
 */
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from './go-programs.ts';
import { tool } from './tools.ts';

const run = promisify(execFile);
const SEND_TIMEOUT_MS = 120_000;
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

/** Where to send, as whom, what. */
export interface Submission {
  readonly port: number;
  readonly user: string;
  /** Empty for no login, which smtplib alone can do. */
  readonly password: string;
  readonly recipients: readonly string[];
  /** File with the message, lines ended by CRLF. */
  readonly file: string;
}

/** What smtplib was told for one message. */
export interface SmtplibResult {
  readonly sequence: number;
  /** Code of the final reply; 0 when the connection broke. */
  readonly code: number;
  readonly text: string;
  readonly seconds: number;
}

/** Sends the file `count` times over `threads` connections; 0 = once, unmarked (see smtplib_send.py). */
export async function sendWithSmtplib(
  { port, user, password, recipients, file }: Submission,
  count = 0,
  threads = 1,
): Promise<readonly SmtplibResult[]> {
  const script = join(ROOT, 'interop/programs/smtplib_send.py');
  const numbers = [String(count), String(threads)];
  const stdout = await execute('python3', [
    script,
    String(port),
    user,
    password,
    ...numbers,
    file,
    ...recipients,
  ]);
  return JSON.parse(stdout) as SmtplibResult[];
}

/**
 * Sends the file once; rejects unless the router answered 250. To keep swaks from touching the bytes they are handed
 * over as they go on the wire: dots doubled, the final dot added.
 */
export async function sendWithSwaks({ port, user, password, recipients, file }: Submission): Promise<void> {
  const wire = `${file}.wire`;
  const content = (await readFile(file)).toString('latin1');
  await writeFile(wire, `${content.replaceAll(/^\./gm, '..')}.\r\n`, 'latin1');
  await execute('swaks', [
    ...['--server', `127.0.0.1:${port}`, '--ehlo', 'client.example.com'],
    ...['--auth', 'PLAIN', '--auth-user', user, '--auth-password', password],
    ...['--from', user, '--to', recipients.join(',')],
    ...['--data', `@${wire}`, '--no-data-fixup', '--suppress-data'],
  ]);
}

/** Sends the file once; rejects unless the router answered 250. */
export async function sendWithCurl({ port, user, password, recipients, file }: Submission): Promise<void> {
  await execute('curl', [
    ...['--silent', '--show-error', '--url', `smtp://127.0.0.1:${port}/client.example.com`],
    ...['--user', `${user}:${password}`, '--mail-from', user],
    ...recipients.flatMap((recipient) => ['--mail-rcpt', recipient]),
    ...['--upload-file', file],
  ]);
}

async function execute(name: string, args: readonly string[]): Promise<string> {
  const options = { timeout: SEND_TIMEOUT_MS, maxBuffer: MAX_OUTPUT_BYTES };
  const { stdout } = await run(tool(name), args, options);
  return stdout;
}
