/** Drives a server engine over bytes and writes down what it said and asked. */
import { formatParameter } from '../../src/grammar/esmtp-parameter.ts';
import { formatPath } from '../../src/grammar/path.ts';
import type { SmtpReply } from '../../src/grammar/reply.ts';
import type { SmtpServerEvent } from '../../src/server/server-event.ts';
import type { SmtpServerOptions } from '../../src/server/server-options.ts';
import { SmtpServerSession } from '../../src/server/smtp-server-session.ts';
import { textOf } from './chunks.ts';

const FRIENDLY: Readonly<Record<string, SmtpReply>> = {
  auth: { code: 235, enhancedCode: '2.7.0', lines: ['Welcome'] },
  mail: { code: 250, enhancedCode: '2.1.0', lines: ['Ok'] },
  rcpt: { code: 250, enhancedCode: '2.1.5', lines: ['Ok'] },
  data: { code: 354, lines: ['Go on'] },
  'content-end': { code: 250, enhancedCode: '2.0.0', lines: ['Taken'] },
};

/** What a session came to. */
export interface ServerTrace {
  readonly output: string;
  readonly events: readonly string[];
  readonly session: SmtpServerSession;
}

export class ServerDriver {
  readonly session: SmtpServerSession;
  readonly events: string[] = [];
  output = '';
  #content = '';
  readonly #answers: SmtpReply[];

  constructor(options: SmtpServerOptions, answers: readonly SmtpReply[] = []) {
    this.session = new SmtpServerSession(options);
    this.#answers = [...answers];
    this.session.greet();
    this.#collect();
  }

  feed(chunks: Iterable<Uint8Array>): this {
    for (const chunk of chunks) {
      this.session.receive(chunk);
      this.#collect();
    }
    return this;
  }

  tlsStarted(): void {
    this.session.tlsStarted();
    this.#collect();
  }

  get trace(): ServerTrace {
    return { output: this.output, events: this.events, session: this.session };
  }

  #collect(): void {
    for (let event = this.session.nextEvent(); event !== undefined; event = this.session.nextEvent()) {
      this.#note(event);
      const friendly = FRIENDLY[event.kind];
      if (friendly !== undefined) this.session.answer(this.#answers.shift() ?? friendly);
    }
    this.output += this.session.takeOutput() ?? '';
  }

  /** How content is cut is no matter; what of faulty content was seen is none either. */
  #note(event: SmtpServerEvent): void {
    if (event.kind === 'content') {
      this.#content += textOf(event.bytes);
      return;
    }
    if (event.kind === 'content-end' && event.fault === undefined) {
      this.events.push(`content ${JSON.stringify(this.#content)}`);
    }
    if (event.kind === 'content-end' || event.kind === 'reset') this.#content = '';
    this.events.push(describe(event));
  }
}

/** An event in one line, as dialog files write it. */
function describe(event: Exclude<SmtpServerEvent, { kind: 'content' }>): string {
  switch (event.kind) {
    case 'hello':
      return `hello ${event.verb} ${event.domain}`;
    case 'auth':
      return `auth ${event.mechanism} ${event.username} ${event.password}`;
    case 'mail':
      return ['mail', formatPath(event.reversePath), ...event.parameters.map(formatParameter)].join(' ');
    case 'rcpt':
      return ['rcpt', formatPath(event.forwardPath), ...event.parameters.map(formatParameter)].join(' ');
    case 'content-end':
      return ['content-end', event.sizeBytes, ...(event.fault === undefined ? [] : [event.fault])].join(' ');
    case 'protocol-error':
      return `protocol-error ${event.code}`;
    case 'close':
      return `close ${event.reason}`;
    default:
      return event.kind;
  }
}

/** A whole session at once. */
export function runServer(
  options: SmtpServerOptions,
  chunks: Iterable<Uint8Array>,
  answers: readonly SmtpReply[] = [],
): ServerTrace {
  return new ServerDriver(options, answers).feed(chunks).trace;
}
