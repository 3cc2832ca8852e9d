import type { MailEvent, RcptEvent } from '@smtp-router/smtp/server';
import type { Envelope, Recipient } from '../message/message.ts';

/** A mail transaction between MAIL and the end of data: the envelope as it grows. */
export class OpenTransaction {
  readonly #mail: MailEvent;
  readonly #recipients: Recipient[] = [];

  constructor(mail: MailEvent) {
    this.#mail = mail;
  }

  /** False when `maxRecipients` are there already. */
  addRecipient(event: RcptEvent, maxRecipients: number): boolean {
    const id = this.#recipients.length;
    if (id >= maxRecipients) return false;
    this.#recipients.push({ id, path: event.forwardPath, parameters: event.parameters });
    return true;
  }

  envelope(): Envelope {
    return {
      reversePath: this.#mail.reversePath,
      mailParameters: this.#mail.parameters,
      forwardPaths: this.#recipients,
    };
  }
}
