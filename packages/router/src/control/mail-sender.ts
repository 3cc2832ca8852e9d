/**
 * Mail handed in over the control socket: it takes the same way as mail of clients from the end of data
 * on, and everything that happened to it is told.
 */
import { type Path, parseForwardPath, parseReversePath, printableText } from '@smtp-router/smtp/grammar';
import type { Clock } from '../clock.ts';
import type { MessageIntake } from '../delivery/message-intake.ts';
import { RouterError } from '../errors.ts';
import type { EventHub } from '../events/event-hub.ts';
import type { MessageEnded } from '../events/router-event.ts';
import { createMemoryBody } from '../message/memory-body.ts';
import type { Message, Recipient, SessionFacts } from '../message/message.ts';
import { formatTraceHeader } from '../message/trace-header.ts';
import type { SendRequest, SendResult } from './control-message.ts';

export interface MailSenderOptions {
  /** The router's own name, for the trace field. */
  readonly hostname: string;
  /** Configured users by lower-cased email. */
  readonly users: ReadonlyMap<string, { readonly email: string }>;
  readonly intake: MessageIntake;
  readonly events: EventHub;
  readonly nextMessageId: () => string;
  readonly clock: Clock;
}

/** Sends mail for the commands of this machine. */
export class MailSender {
  readonly #options: MailSenderOptions;

  constructor(options: MailSenderOptions) {
    this.#options = options;
  }

  /** Settles with the final reply. Rejects with `ROUTER_BAD_REQUEST` or `ROUTER_BAD_MESSAGE_FILE` before anything is sent. */
  async send(request: SendRequest): Promise<SendResult> {
    const message = this.#compose(request);
    let ended: MessageEnded | undefined;
    const unsubscribe = this.#options.events.subscribe({
      emit(event) {
        if (event.kind === 'message-ended' && event.messageId === message.id) ended = event;
      },
    });
    try {
      const reply = await this.#options.intake.accept(message);
      const text = [reply.enhancedCode ?? '', reply.lines.join(' ')].join(' ').trim();
      const { selection, attempts } = (ended ?? {}) as Partial<MessageEnded>;
      return {
        messageId: message.id,
        reply: { code: reply.code, text },
        ...(selection === undefined ? {} : { selection }),
        attempts: attempts ?? [],
      };
    } finally {
      unsubscribe();
      message.body.release();
    }
  }

  #compose(request: SendRequest): Message {
    const { hostname, nextMessageId, clock } = this.#options;
    const id = nextMessageId();
    const session = sessionFacts(id, this.#userOf(request.user));
    const envelope = {
      reversePath: reversePathOf(request.from),
      mailParameters: [],
      forwardPaths: request.to.map(
        (address, index): Recipient => ({ id: index, path: forwardPathOf(address), parameters: [] }),
      ),
    };
    const receivedAt = clock.wallTime();
    const trace = { hostname, messageId: id, session, recipients: envelope.forwardPaths, receivedAt };
    requireCanonical(request.content);
    const body = createMemoryBody([request.content], formatTraceHeader(trace));
    return { id, envelope, session, receivedAt, body };
  }

  #userOf(email: string): string {
    const user = this.#options.users.get(email.toLowerCase());
    if (user !== undefined) return user.email;
    const known = [...this.#options.users.values()].map((other) => other.email).slice(0, 10);
    const message = `There is no user "${printableText(email)}"; known are ${known.join(', ')}.`;
    throw new RouterError('ROUTER_BAD_REQUEST', message);
  }
}

function sessionFacts(sessionId: string, user: string): SessionFacts {
  return {
    sessionId,
    listener: 'control',
    clientAddress: '',
    helo: '',
    isTls: false,
    isEsmtp: true,
    isAuthenticated: true,
    user,
  };
}

function reversePathOf(address: string): Path {
  return parseReversePath(`<${address}>`) ?? noAddress(address, 'sender');
}

function forwardPathOf(address: string): Path {
  return parseForwardPath(`<${address}>`) ?? noAddress(address, 'recipient');
}

function noAddress(address: string, role: string): never {
  throw new RouterError('ROUTER_BAD_REQUEST', `"${printableText(address)}" is no address of a ${role}.`);
}

/** What leaves for a downstream holds neither NUL nor a bare CR or LF, and ends with a line end. */
function requireCanonical(content: Uint8Array): void {
  const text = Buffer.from(content.buffer, content.byteOffset, content.byteLength).toString('latin1');
  if ((text === '' || text.endsWith('\r\n')) && !/\0|\r(?!\n)|(?<!\r)\n/.test(text)) return;
  const message = 'The message has a line that does not end with CR LF, or a NUL.';
  throw new RouterError('ROUTER_BAD_MESSAGE_FILE', message);
}
