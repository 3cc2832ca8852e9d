/** Messages and their parts for tests, with everything a test does not care about filled in. */
import { createMemoryBody } from '../../src/message/memory-body.ts';
import type { Message, Recipient, SessionFacts } from '../../src/message/message.ts';

/** A path as the envelope parser would give it. */
export function path(address: string): Recipient['path'] {
  const at = address.lastIndexOf('@');
  if (at < 0) return { address };
  return { address, mailbox: { localPart: address.slice(0, at), domain: address.slice(at + 1) } };
}

export function recipient(id: number, address: string): Recipient {
  return { id, path: path(address), parameters: [] };
}

export function sessionFacts(facts: Partial<SessionFacts> = {}): SessionFacts {
  return {
    sessionId: 's1',
    listener: '127.0.0.1:2525',
    clientAddress: '127.0.0.1',
    helo: 'client.example',
    isTls: false,
    isEsmtp: true,
    isAuthenticated: false,
    user: 'app@example.com',
    ...facts,
  };
}

/** What a test may say about its message. */
export interface TestMessageOptions {
  readonly mailFrom?: string;
  readonly recipients?: readonly string[];
  readonly content?: string | Uint8Array;
  readonly mailParameters?: Message['envelope']['mailParameters'];
  readonly user?: string;
}

export function testMessage(options: TestMessageOptions = {}): Message {
  const recipients = options.recipients ?? ['a@x.example'];
  return {
    id: 'm1',
    envelope: {
      reversePath: path(options.mailFrom ?? 'sender@example.com'),
      mailParameters: options.mailParameters ?? [],
      forwardPaths: recipients.map((address, id) => recipient(id, address)),
    },
    body: createMemoryBody([Buffer.from(options.content ?? 'Subject: test\r\n\r\nHello\r\n')]),
    session: sessionFacts(options.user === undefined ? {} : { user: options.user }),
    receivedAt: 1_700_000_000_000,
  };
}
