/**
 * aiosmtpd, as `programs/aiosmtpd_sink.py` runs it.
 */
import { mkdir, readdir, readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { BackgroundProcess } from '../support/background-process.ts';
import { ROOT } from '../support/go-programs.ts';
import { AIOSMTPD, pythonPackages } from '../support/python-packages.ts';
import { missingTools, tool } from '../support/tools.ts';
import { PEER_LOGIN, PEER_TLS, type Peer, type RunningPeer } from './peer.ts';

const SCRIPT = join(ROOT, 'interop/programs/aiosmtpd_sink.py');

/** One message as aiosmtpd handed it over. */
export interface AiosmtpdMessage {
  /** Address and parameters of MAIL; the null reverse-path is `<>`. */
  readonly mailFrom: string;
  readonly mailOptions: readonly string[];
  readonly recipients: readonly string[];
  readonly content: Buffer;
}

/** A running aiosmtpd that also tells the envelopes. */
export interface RunningAiosmtpd extends RunningPeer {
  takeMessages(): Promise<readonly AiosmtpdMessage[]>;
}

/** Undoes the doubling of dots, keeps CRLF. */
export const aiosmtpd: Peer = {
  name: 'aiosmtpd',
  lineEnd: '\r\n',
  missing: aiosmtpdMissing,
  start: startAiosmtpd,
};

/** Installs it when Python is there. */
export async function aiosmtpdMissing(): Promise<readonly string[]> {
  const missing = missingTools(['python3']);
  if (missing.length > 0) return missing;
  const packages = await pythonPackages(AIOSMTPD);
  return packages.kind === 'missing' ? [packages.why] : [];
}

/** Starts one that ends after the test. */
export async function startAiosmtpd(t: TestContext, folder: string): Promise<RunningAiosmtpd> {
  const packages = await pythonPackages(AIOSMTPD);
  if (packages.kind === 'missing') throw new Error(packages.why);
  const mail = join(folder, 'aiosmtpd');
  await mkdir(mail);
  const running = BackgroundProcess.start(t, {
    program: tool('python3'),
    args: [SCRIPT, mail, PEER_TLS.cert, PEER_TLS.key, PEER_LOGIN.user, PEER_LOGIN.pass],
    log: join(folder, 'aiosmtpd.log'),
    env: { PYTHONPATH: packages.folder, PYTHONUNBUFFERED: '1' },
  });
  const port = Number(await running.firstLine());
  const takeMessages = () => readMessages(mail);
  const take = async () => (await takeMessages()).map(({ content }) => content);
  return { port, take, takeMessages };
}

async function readMessages(folder: string): Promise<readonly AiosmtpdMessage[]> {
  const contents = (await readdir(folder)).filter((name) => name.endsWith('.eml'));
  return Promise.all(
    contents.map(async (name) => {
      const path = join(folder, name);
      const envelopePath = path.replace(/eml$/, 'json');
      // Written by aiosmtpd_sink.py, which states the shape.
      const envelope = JSON.parse(await readFile(envelopePath, 'utf8')) as Omit<AiosmtpdMessage, 'content'>;
      const content = await readFile(path);
      await Promise.all([unlink(path), unlink(envelopePath)]);
      return { ...envelope, content };
    }),
  );
}
