/** Mail handed in over the control socket, as a message of the router. */
import { type Path, parseForwardPath, parseReversePath, printableText } from '@smtp-router/smtp/grammar';
import type { Clock } from '../clock.ts';
import { RouterError } from '../errors.ts';
import { createMemoryBody } from '../message/memory-body.ts';
import type { Message, Recipient, SessionFacts } from '../message/message.ts';
import { formatTraceHeader } from '../message/trace-header.ts';
import type { HandedInMail } from './control-message.ts';

/** What a message is made with. */
export interface HandInOptions {
  /** The router's own name, for the trace field. */
  readonly hostname: string;
  /** Configured users by lower-cased email. */
  readonly users: ReadonlyMap<string, { readonly email: string }>;
  readonly nextMessageId: () => string;
  readonly clock: Clock;
}

/** The message; whoever asked for it releases its body. Throws `ROUTER_BAD_REQUEST` or `ROUTER_BAD_MESSAGE_FILE`. */
export function composeMessage(mail: HandedInMail, options: HandInOptions): Message {
  const { hostname, nextMessageId, clock, users } = options;
  const id = nextMessageId();
  const session = sessionFacts(id, userOf(mail.user, users));
  const envelope = {
    reversePath: reversePathOf(mail.from),
    mailParameters: [],
    forwardPaths: mail.to.map(
      (address, index): Recipient => ({ id: index, path: forwardPathOf(address), parameters: [] }),
    ),
  };
  const receivedAt = clock.wallTime();
  const trace = { hostname, messageId: id, session, recipients: envelope.forwardPaths, receivedAt };
  requireCanonical(mail.content);
  const body = createMemoryBody([mail.content], formatTraceHeader(trace));
  return { id, envelope, session, receivedAt, body };
}

function userOf(email: string, users: HandInOptions['users']): string {
  const user = users.get(email.toLowerCase());
  if (user !== undefined) return user.email;
  const known = [...users.values()].map((other) => other.email).slice(0, 10);
  const message = `There is no user "${printableText(email)}"; known are ${known.join(', ')}.`;
  throw new RouterError('ROUTER_BAD_REQUEST', message);
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
