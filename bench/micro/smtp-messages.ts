import { SmtpClientSession } from '../../packages/smtp/src/client/smtp-client-session.ts';
import { DotStuffer } from '../../packages/smtp/src/grammar/dot-stuffer.ts';
import type { Path } from '../../packages/smtp/src/grammar/envelope.ts';
import { parseForwardPath } from '../../packages/smtp/src/grammar/path.ts';
import { ReplyReader } from '../../packages/smtp/src/grammar/reply-reader.ts';
import { SmtpServerSession } from '../../packages/smtp/src/server/smtp-server-session.ts';

/** What a child of the benchmark runs again and again. */
export type EngineWork = 'server' | 'server-commands' | 'client' | 'client-envelope' | 'client-replies';

/** Lines as mail programs wrap them, and as long as they may be (RFC 5321 §4.5.3.1.6). */
export const LINE_OCTETS = [76, 998];

const CONTENT_BYTES = 10_240;
const OK = { code: 250, enhancedCode: '2.0.0', lines: ['Ok'] };
const END_OF_DATA = '.\r\n';

const COMMANDS = [
  socketBytes('MAIL FROM:<newsletter@example.com>\r\n'),
  socketBytes('RCPT TO:<somebody.else@example.net>\r\n'),
  socketBytes('DATA\r\n'),
];
const ENVELOPE_REPLIES = socketBytes(
  '250 2.1.0 Ok\r\n250 2.1.5 Ok\r\n354 End data with <CR><LF>.<CR><LF>\r\n',
);
const FINAL_REPLY = socketBytes('250 2.0.0 Ok: queued as 4Yb1x25F8z\r\n');

/** Sends so many messages through the engine; tells the user CPU time on standard error. */
export function runEngines(work: string, octets: number, messages: number): void {
  const send = worker(work, contentOf(octets));
  const before = process.cpuUsage();
  for (let index = 0; index < messages; index += 1) send();
  console.error(`user-ns ${process.cpuUsage(before).user * 1_000}`);
}

function worker(work: string, content: string): () => void {
  switch (work) {
    case 'server':
      return serverOf(content);
    case 'server-commands':
      return serverOf('');
    case 'client':
      return clientOf(socketBytes(content));
    case 'client-envelope':
      return clientOf(undefined);
    case 'client-replies':
      return replies();
    default:
      throw new Error(`There is no work named ${work}.`);
  }
}

function contentOf(octets: number): string {
  const line = `${'The quick brown fox jumps over the lazy dog. '.repeat(30).slice(0, octets)}\r\n`;
  return line.repeat(Math.ceil(CONTENT_BYTES / line.length));
}

/** Bytes as they come from a socket: a view of a larger piece of memory. */
function socketBytes(text: string): Buffer {
  return Buffer.from(`${' '.repeat(8)}${text}`, 'latin1').subarray(8);
}

/** A session that is kept; content comes in one chunk with the end of data. */
function serverOf(content: string): () => void {
  const session = new SmtpServerSession({ hostname: 'mx.example.com', maxMessageBytes: 1_000_000 });
  session.greet();
  const contentAndEnd = socketBytes(`${content}${END_OF_DATA}`);
  const feed = (bytes: Uint8Array): void => {
    session.receive(bytes);
    for (let event = session.nextEvent(); event !== undefined; event = session.nextEvent())
      if (session.phase === 'answer') session.answer(OK);
    session.takeOutput();
  };
  feed(socketBytes('EHLO client.example.com\r\n'));
  return () => {
    for (const command of COMMANDS) feed(command);
    feed(contentAndEnd);
  };
}

/** A session that is kept; the replies to the whole envelope come in one chunk. */
function clientOf(content: Uint8Array | undefined): () => void {
  const session = new SmtpClientSession({ heloName: 'mx.example.com' });
  const feed = (bytes: Uint8Array): void => {
    session.receive(bytes);
    for (let event = session.nextEvent(); event !== undefined; event = session.nextEvent()) {
      if (event.kind === 'session-failed') throw new Error(event.message);
      if (event.kind !== 'content-wanted') continue;
      if (content !== undefined) writeContent(content);
      session.contentSent();
    }
    session.takeOutput();
  };
  feed(socketBytes('220 downstream ESMTP\r\n'));
  feed(socketBytes('250-downstream\r\n250-PIPELINING\r\n250 ENHANCEDSTATUSCODES\r\n'));
  const reversePath = pathOf('newsletter@example.com');
  const path = pathOf('somebody.else@example.net');
  return () => {
    const recipients = [{ path, parameters: [] }];
    session.begin({ reversePath, mailParameters: [], recipients, holdData: false });
    session.takeOutput();
    feed(ENVELOPE_REPLIES);
    feed(FINAL_REPLY);
  };
}

/** A path as the server side makes it. */
function pathOf(address: string): Path {
  const path = parseForwardPath(`<${address}>`);
  if (path === undefined) throw new Error(`${address} is no address.`);
  return path;
}

function writeContent(content: Uint8Array): void {
  const stuffer = new DotStuffer();
  stuffer.stuff(content);
  stuffer.finish();
}

function replies(): () => void {
  const reader = new ReplyReader();
  const feed = (bytes: Uint8Array): void => {
    reader.push(bytes);
    while (reader.next().kind === 'reply') {
      // Each turn reads one reply.
    }
  };
  return () => {
    feed(ENVELOPE_REPLIES);
    feed(FINAL_REPLY);
  };
}
