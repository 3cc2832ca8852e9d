/**
 * A mail library others wrote, as a client of the router.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const SEND_TIMEOUT_MS = 120_000;

/** How a listener protects the connection: the words of `listen[].tls`. */
export type TlsMode = 'off' | 'starttls' | 'implicit';

/** What to send where. The certificate of the listener is to be checked, its name being 127.0.0.1 or localhost. */
export interface Mailing {
  readonly port: number;
  readonly mode: TlsMode;
  /** PEM file of the authority to trust. */
  readonly authority: string;
  readonly user: string;
  readonly password: string;
  readonly mailFrom: string;
  readonly recipients: readonly string[];
  /** Files with one message each, lines ended by CRLF. */
  readonly files: readonly string[];
}

/** A kind of client. */
export interface Sender {
  readonly name: string;
  /** One sentence, without its dot, for each thing that it needs and that is not here; may install what it can. */
  missing(): Promise<readonly string[]>;
  /** Sends the files in order; rejects unless the router took every one. Names itself client.example.com in EHLO. */
  send(mailing: Mailing): Promise<void>;
}

/**
 * Arguments of the programs below `interop/` that send mail with a library: `PORT MODE AUTHORITY USER PASSWORD
 * MAIL_FROM RECIPIENTS FILE…`, recipients joined by commas.
 */
export function programArguments(mailing: Mailing): readonly string[] {
  const { port, mode, authority, user, password, mailFrom, recipients, files } = mailing;
  return [String(port), mode, authority, user, password, mailFrom, recipients.join(','), ...files];
}

/** Runs a program to its end; rejects with what it wrote when that is a bad one. */
export async function runSender(program: string, args: readonly string[]): Promise<void> {
  await run(program, args, { timeout: SEND_TIMEOUT_MS });
}
