/** Drives a client engine over bytes and writes down what it said and told. */
import type { SmtpClientEvent } from '../../src/client/client-event.ts';
import type { SmtpClientOptions } from '../../src/client/client-options.ts';
import { SmtpClientSession } from '../../src/client/smtp-client-session.ts';
import type { SmtpTransaction } from '../../src/client/smtp-transaction.ts';
import type { EsmtpParameter, Path } from '../../src/grammar/envelope.ts';
import { parseParameters } from '../../src/grammar/esmtp-parameter.ts';
import { parsePath } from '../../src/grammar/path.ts';

export class ClientDriver {
  readonly session: SmtpClientSession;
  readonly events: string[] = [];
  output = '';

  constructor(options: SmtpClientOptions) {
    this.session = new SmtpClientSession(options);
  }

  feed(chunks: Iterable<Uint8Array>): this {
    for (const chunk of chunks) {
      this.session.receive(chunk);
      this.collect();
    }
    return this;
  }

  /** `begin …`, or the name of a method without arguments. */
  perform(words: string): this {
    const [verb = ''] = words.split(' ');
    if (verb === 'begin') this.session.begin(parseTransaction(words.slice('begin '.length)));
    else if (isPlainAction(verb)) this.session[verb]();
    else throw new Error(`no such action: ${words}`);
    this.collect();
    return this;
  }

  collect(): void {
    for (let event = this.session.nextEvent(); event !== undefined; event = this.session.nextEvent()) {
      this.events.push(describe(event));
    }
    this.output += this.session.takeOutput() ?? '';
  }
}

const PLAIN_ACTIONS = ['sendData', 'abort', 'contentSent', 'reset', 'quit', 'tlsStarted', 'end'] as const;

function isPlainAction(verb: string): verb is (typeof PLAIN_ACTIONS)[number] {
  return (PLAIN_ACTIONS as readonly string[]).includes(verb);
}

/** `<from> PARAMETERS -> <to> <to> [hold] [chunk=N]` */
export function parseTransaction(text: string): SmtpTransaction {
  const [left = '', right = ''] = text.split(' -> ');
  const [from = '', ...parameters] = left.split(' ');
  const words = right.split(' ');
  const chunk = words.find((word) => word.startsWith('chunk='))?.slice('chunk='.length);
  return {
    reversePath: pathOf(from),
    mailParameters: parametersOf(parameters.join(' ')),
    recipients: words
      .filter((word) => word.startsWith('<'))
      .map((word) => ({ path: pathOf(word), parameters: [] })),
    holdData: words.includes('hold'),
    ...(chunk !== undefined && { chunkBytes: Number(chunk) }),
  };
}

function pathOf(text: string): Path {
  const path = parsePath(text, { isUtf8Allowed: true });
  if (path === undefined) throw new Error(`no path: ${text}`);
  return path;
}

function parametersOf(text: string): readonly EsmtpParameter[] {
  const parameters = parseParameters(text);
  if (parameters === undefined) throw new Error(`no parameters: ${text}`);
  return parameters;
}

function describe(event: SmtpClientEvent): string {
  switch (event.kind) {
    case 'recipient-reply':
      return `recipient-reply ${event.index} ${event.reply.code}`;
    case 'transaction-end':
      return `transaction-end ${event.phase} ${event.reply.code}`;
    case 'session-failed':
      return [
        'session-failed',
        event.phase,
        event.code,
        ...(event.reply === undefined ? [] : [event.reply.code]),
      ].join(' ');
    default:
      return event.kind;
  }
}
