/**
 * An SMTP server that answers by a table: for each verb what to do, and what a healthy server would do
 * where the table says nothing. It listens on 127.0.0.1 and remembers what it was told.
 */
import { readFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';

/** Where something can be scripted: commands, and the moments without one. */
export type ScriptVerb =
  | 'connect'
  | 'EHLO'
  | 'STARTTLS'
  | 'AUTH'
  | 'MAIL'
  | 'RCPT'
  | 'DATA'
  | 'dot'
  | 'BDAT'
  | 'RSET'
  | 'QUIT';

/** What to do: a reply as text, bytes without CRLF added, or a fault. */
export type ScriptAction = string | { readonly raw: string } | { readonly fault: ScriptFault };

/**
 * `silent` answers nothing to this one, `hang` nothing any more, `drop` closes, `reset` sends RST,
 * `garbage` sends what is no reply, `drip` a reply line byte by byte that does not end, `endless` more
 * reply lines than anybody reads, `flood` lines and `flood-line` one line as long as they are read.
 */
export type ScriptFault =
  | 'silent'
  | 'hang'
  | 'drop'
  | 'reset'
  | 'garbage'
  | 'drip'
  | 'endless'
  | 'flood'
  | 'flood-line';

/** Per verb the actions of its first, second … use; the last one repeats. */
export type Script = Partial<Record<ScriptVerb, ScriptAction | readonly ScriptAction[]>>;

export interface ScriptedOptions {
  /** EHLO keywords offered. */
  readonly keywords?: readonly string[];
  /** Name of a certificate in fixtures/tls; offered by STARTTLS or used from the first byte. */
  readonly certificate?: string;
  readonly isImplicitTls?: boolean;
}

/** No reader that has a limit gets so far. */
const FLOOD_BYTES = 256 * 1024 * 1024;

const DEFAULT_KEYWORDS = [
  'PIPELINING',
  '8BITMIME',
  'SIZE 10485760',
  'ENHANCEDSTATUSCODES',
  'AUTH PLAIN LOGIN',
];
const HEALTHY: Readonly<Record<ScriptVerb, string>> = {
  connect: '220 scripted ESMTP',
  EHLO: '',
  STARTTLS: '220 2.0.0 go ahead',
  AUTH: '235 2.7.0 welcome',
  MAIL: '250 2.1.0 sender ok',
  RCPT: '250 2.1.5 recipient ok',
  DATA: '354 go ahead',
  dot: '250 2.0.0 queued as 4711',
  BDAT: '250 2.0.0 queued as 4712',
  RSET: '250 2.0.0 reset',
  QUIT: '221 2.0.0 bye',
};

export class ScriptedDownstream {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #scripts: readonly Script[];
  readonly #options: ScriptedOptions;
  readonly #waiters: { readonly verb: ScriptVerb; readonly count: number; readonly resolve: () => void }[] =
    [];
  readonly #counts = new Map<ScriptVerb, number>();
  /** Every command line of every connection, in order of arrival. */
  readonly commands: string[] = [];
  /** Content of every message as it came over the wire: after DATA dots stuffed, without the end of data. */
  readonly contents: string[] = [];
  /** Pieces in which commands arrived, to see what was written together. */
  readonly chunks: string[] = [];
  connections = 0;
  /** Written by `flood` and `flood-line`. */
  floodedBytes = 0;
  /** After this verb was answered nothing more is read. */
  pauseAfter: ScriptVerb | undefined;

  private constructor(scripts: readonly Script[], options: ScriptedOptions) {
    this.#scripts = scripts;
    this.#options = options;
    this.#server = createServer({ noDelay: true }, (socket) => this.#accept(socket));
  }

  /** The first connection follows the first script, and so on; the last script repeats. */
  static async start(
    script: Script | readonly Script[] = {},
    options: ScriptedOptions = {},
  ): Promise<ScriptedDownstream> {
    const scripted = new ScriptedDownstream(isList(script) ? script : [script], options);
    await new Promise<void>((resolve) => scripted.#server.listen(0, '127.0.0.1', resolve));
    return scripted;
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('not listening');
    return address.port;
  }

  /** Connections open now. */
  get open(): number {
    return this.#sockets.size;
  }

  /** Settles when the verb was received so often, over all connections. */
  received(verb: ScriptVerb, count = 1): Promise<void> {
    if ((this.#counts.get(verb) ?? 0) >= count) return Promise.resolve();
    return new Promise((resolve) => this.#waiters.push({ verb, count, resolve }));
  }

  /** Says something on every open connection without being asked. */
  shout(text: string): void {
    for (const socket of this.#sockets) socket.write(`${text}\r\n`);
  }

  /** Closes every open connection, as a server that restarts. */
  async hangUp(): Promise<void> {
    const closed = [...this.#sockets].map(
      (socket) => new Promise((resolve) => socket.once('close', resolve)),
    );
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all(closed);
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** For sessions: counts a verb and answers what to do about it. */
  note(verb: ScriptVerb): void {
    const count = (this.#counts.get(verb) ?? 0) + 1;
    this.#counts.set(verb, count);
    for (const waiter of this.#waiters) if (waiter.verb === verb && waiter.count <= count) waiter.resolve();
  }

  #accept(socket: Socket): void {
    const script = this.#scripts[Math.min(this.connections, this.#scripts.length - 1)] ?? {};
    this.connections += 1;
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => {});
    new ScriptedSession(this, script, this.#options).start(socket);
  }
}

/** One connection of a scripted downstream. */
class ScriptedSession {
  readonly #owner: ScriptedDownstream;
  readonly #script: Script;
  readonly #options: ScriptedOptions;
  readonly #uses = new Map<ScriptVerb, number>();
  #socket: Socket | undefined;
  #buffer = '';
  #isContent: boolean = false;
  /** A fault came: nothing is understood any more. */
  #isDeaf: boolean = false;
  #isTls: boolean = false;

  constructor(owner: ScriptedDownstream, script: Script, options: ScriptedOptions) {
    this.#owner = owner;
    this.#script = script;
    this.#options = options;
  }

  start(plain: Socket): void {
    this.#attach(this.#options.isImplicitTls === true ? this.#secure(plain) : plain);
    this.#act('connect');
  }

  #attach(socket: Socket): void {
    this.#socket = socket;
    socket.setEncoding('latin1');
    socket.on('error', () => {});
    socket.on('data', (text: string) => this.#receive(text));
  }

  #secure(plain: Socket): Socket {
    const name = this.#options.certificate ?? 'good';
    const read = (suffix: string): Buffer =>
      readFileSync(new URL(`fixtures/tls/${name}.${suffix}`, import.meta.url));
    const secureContext = createSecureContext({ cert: read('pem'), key: read('key') });
    this.#isTls = true;
    return new TLSSocket(plain, { isServer: true, secureContext });
  }

  #receive(text: string): void {
    this.#owner.chunks.push(text);
    this.#buffer += text;
    while (!this.#isDeaf && (this.#isContent ? this.#takeContent() : this.#takeLine())) {}
  }

  #takeLine(): boolean {
    const end = this.#buffer.indexOf('\r\n');
    if (end < 0) return false;
    const line = this.#buffer.slice(0, end);
    if (line.startsWith('BDAT ')) return this.#takeChunk(line, end + 2);
    this.#buffer = this.#buffer.slice(end + 2);
    this.#owner.commands.push(line);
    this.#act(verbOf(line));
    return true;
  }

  /** The whole chunk at once; refused or not, its bytes are no commands. */
  #takeChunk(line: string, start: number): boolean {
    const end = start + Number(line.split(' ')[1]);
    if (this.#buffer.length < end) return false;
    this.#owner.commands.push(line);
    this.#owner.contents.push(this.#buffer.slice(start, end));
    this.#buffer = this.#buffer.slice(end);
    this.#act('BDAT');
    return true;
  }

  #takeContent(): boolean {
    const text = `\r\n${this.#buffer}`;
    const end = text.indexOf('\r\n.\r\n');
    if (end < 0) return false;
    this.#owner.contents.push(text.slice(2, end + 2));
    this.#buffer = text.slice(end + 5);
    this.#isContent = false;
    this.#act('dot');
    return true;
  }

  #act(verb: ScriptVerb): void {
    const use = this.#uses.get(verb) ?? 0;
    this.#uses.set(verb, use + 1);
    this.#owner.note(verb);
    const scripted = this.#script[verb];
    const actions = scripted === undefined ? [this.#healthy(verb)] : isList(scripted) ? scripted : [scripted];
    const action = actions[Math.min(use, actions.length - 1)] ?? '';
    if (typeof action === 'string') this.#say(verb, `${action}\r\n`);
    else if ('raw' in action) this.#say(verb, action.raw);
    else this.#fail(action.fault);
    if (verb === this.#owner.pauseAfter) this.#socket?.pause();
  }

  #say(verb: ScriptVerb, text: string): void {
    this.#socket?.write(text);
    if (verb === 'QUIT') this.#socket?.end();
    if (verb === 'DATA' && text.startsWith('354')) this.#isContent = true;
    if (verb !== 'STARTTLS' || !text.startsWith('220') || this.#socket === undefined) return;
    this.#socket.removeAllListeners('data');
    this.#attach(this.#secure(this.#socket));
  }

  #fail(fault: ScriptFault): void {
    const socket = this.#socket;
    this.#isDeaf = fault !== 'silent';
    if (fault === 'drop') socket?.end();
    else if (fault === 'reset') socket?.resetAndDestroy();
    else if (fault === 'garbage') socket?.write('\0\xff this is no reply\r\n', 'latin1');
    else if (fault === 'endless') socket?.write('250-and so on\r\n'.repeat(20_000));
    else if (fault === 'drip' && socket !== undefined) this.#drip(socket);
    else if (fault === 'flood' && socket !== undefined) this.#flood(socket, '250-and so on\r\n');
    else if (fault === 'flood-line' && socket !== undefined) this.#flood(socket, 'and so on ');
  }

  #drip(socket: Socket): void {
    let next = '250-';
    const timer = setInterval(() => {
      socket.write(next.charAt(0));
      next = next.slice(1) || 'x';
    }, 2);
    socket.on('close', () => clearInterval(timer));
  }

  #flood(socket: Socket, text: string): void {
    const piece = Buffer.from(text.repeat(5_000));
    let left = FLOOD_BYTES;
    socket.write('250-');
    const pour = (): void => {
      let isWanted = !socket.destroyed;
      while (isWanted && left > 0) {
        left -= piece.length;
        this.#owner.floodedBytes += piece.length;
        isWanted = socket.write(piece);
      }
    };
    socket.on('drain', pour);
    pour();
  }

  #healthy(verb: ScriptVerb): string {
    if (verb !== 'EHLO') return HEALTHY[verb];
    const offersTls = this.#options.certificate !== undefined && !this.#isTls;
    const keywords = [...(this.#options.keywords ?? DEFAULT_KEYWORDS), ...(offersTls ? ['STARTTLS'] : [])];
    const lines = ['scripted', ...keywords];
    return lines.map((line, index) => `250${index === lines.length - 1 ? ' ' : '-'}${line}`).join('\r\n');
  }
}

function verbOf(line: string): ScriptVerb {
  const word = line.split(' ', 1)[0]?.toUpperCase() ?? '';
  const verbs: readonly ScriptVerb[] = [
    'EHLO',
    'STARTTLS',
    'AUTH',
    'MAIL',
    'RCPT',
    'DATA',
    'BDAT',
    'RSET',
    'QUIT',
  ];
  return verbs.find((verb) => verb === word) ?? 'EHLO';
}

function isList<T>(value: T | readonly T[]): value is readonly T[] {
  return Array.isArray(value);
}
