/**
 * The envelope of a mail transaction as it grows (RFC 5321 §3.3): reads MAIL and RCPT, counts recipients,
 * and knows what the client declared about the content to come.
 */

import { readMailArgument, readRcptArgument } from './envelope-command.ts';
import type { ExtensionOffer } from './extension-offer.ts';
import type { MailEvent, RcptEvent } from './server-event.ts';
import type { SmtpServerOptions } from './server-options.ts';
import { DECLARED_SIZE_EXCEEDED, type Refusal, TOO_MANY_RECIPIENTS } from './server-reply.ts';

/** RFC 5321 §4.5.3.1.8 wants 100 at least. */
const DEFAULT_MAX_RECIPIENTS = 1_000;

/** What a command of the envelope leads to: a question to the caller, or a refusal. */
export type EnvelopeStep<E> =
  | { readonly kind: 'ask'; readonly event: E }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

/** One transaction at a time: `mail` begins anew. */
export class OpenEnvelope {
  readonly #options: SmtpServerOptions;
  #recipients = 0;
  #hasRefusedRecipient: boolean = false;
  #isUtf8: boolean = false;
  #isEightBitDeclared: boolean = false;

  constructor(options: SmtpServerOptions) {
    this.#options = options;
  }

  /** True when a recipient was refused: without any other there is nobody to send to. */
  get hasRefusedRecipient(): boolean {
    return this.#hasRefusedRecipient;
  }

  /** MAIL said BODY=8BITMIME (RFC 6152). */
  get isEightBitDeclared(): boolean {
    return this.#isEightBitDeclared;
  }

  /** The argument of MAIL. A refused one changes nothing. */
  mail(argument: string, offer: ExtensionOffer): EnvelopeStep<MailEvent> {
    const result = readMailArgument(argument, offer);
    if (result.kind === 'refused') return result;
    const { path, parameters } = result;
    const size = parameters.find(({ keyword }) => keyword === 'SIZE')?.value;
    const sizeBytes = Number(size ?? 0);
    if (sizeBytes > (this.#options.maxMessageBytes ?? Number.POSITIVE_INFINITY)) {
      return { kind: 'refused', refusal: DECLARED_SIZE_EXCEEDED };
    }
    this.#recipients = 0;
    this.#hasRefusedRecipient = false;
    this.#isUtf8 = parameters.some(({ keyword }) => keyword === 'SMTPUTF8');
    this.#isEightBitDeclared = parameters.some(({ value }) => value?.toUpperCase() === '8BITMIME');
    const event: MailEvent =
      size === undefined
        ? { kind: 'mail', reversePath: path, parameters }
        : { kind: 'mail', reversePath: path, parameters, declaredSizeBytes: sizeBytes };
    return { kind: 'ask', event };
  }

  /** The argument of RCPT. */
  rcpt(argument: string, offer: ExtensionOffer): EnvelopeStep<RcptEvent> {
    const result = readRcptArgument(argument, offer, this.#isUtf8);
    if (result.kind === 'refused') return this.#refused(result.refusal);
    const isFull = this.#recipients >= (this.#options.maxRecipients ?? DEFAULT_MAX_RECIPIENTS);
    if (isFull) return this.#refused(TOO_MANY_RECIPIENTS);
    const { path, parameters } = result;
    return { kind: 'ask', event: { kind: 'rcpt', forwardPath: path, parameters } };
  }

  /** The caller's word on the recipient asked about. */
  answered(isAccepted: boolean): void {
    if (isAccepted) this.#recipients += 1;
    else this.#hasRefusedRecipient = true;
  }

  #refused(refusal: Refusal): EnvelopeStep<RcptEvent> {
    this.#hasRefusedRecipient = true;
    return { kind: 'refused', refusal };
  }
}
