/**
 * Takes the login of a downstream out of what that downstream says: replies go to logs and to the
 * sender, and some servers repeat what they are told.
 */
import type { SmtpReply } from '@smtp-router/smtp/grammar';
import type { AttemptEnd } from './attempt-report.ts';
import type { DownstreamCredentials } from './downstream-options.ts';
import type { TransactionResult } from './mail-transaction.ts';

/** Masking shorter passwords would garble ordinary words. */
const MIN_LENGTH = 5;
const MASK = '[secret]';

export class CredentialMask {
  /** Every form the password crosses the wire in; the longest first. */
  #forms: readonly string[];

  constructor(credentials: DownstreamCredentials | undefined) {
    this.#forms = credentials === undefined ? [] : wireForms(credentials);
  }

  /** A further password; the former one may still be repeated by those who heard it. */
  add(credentials: DownstreamCredentials): void {
    const forms = new Set([...this.#forms, ...wireForms(credentials)]);
    this.#forms = [...forms].sort((a, b) => b.length - a.length);
  }

  /** The same object when there is nothing to hide. */
  result(result: TransactionResult): TransactionResult {
    if (this.#forms.length === 0) return result;
    return {
      recipientReplies: result.recipientReplies.map((reply) => reply && this.#reply(reply)),
      end: this.#end(result.end),
    };
  }

  #end(end: AttemptEnd): AttemptEnd {
    switch (end.kind) {
      case 'withheld':
        return end;
      case 'replied':
        return { ...end, reply: this.#reply(end.reply) };
      case 'failed': {
        const { reply, ...rest } = end;
        const message = this.text(end.message);
        return reply === undefined ? { ...rest, message } : { ...rest, message, reply: this.#reply(reply) };
      }
    }
  }

  #reply(reply: SmtpReply): SmtpReply {
    return { ...reply, lines: reply.lines.map((line) => this.text(line)) };
  }

  /** The text without any form of the login. */
  text(text: string): string {
    return this.#forms.reduce((masked, form) => masked.replaceAll(form, MASK), text);
  }
}

/** AUTH LOGIN sends the password in base64, AUTH PLAIN within a blob (RFC 4616). */
function wireForms({ username, password }: DownstreamCredentials): readonly string[] {
  if (password.length < MIN_LENGTH) return [];
  const blobs = [password, `\0${username}\0${password}`, `${username}\0${username}\0${password}`];
  const encoded = blobs.map((blob) => Buffer.from(blob).toString('base64'));
  return [...encoded, password].sort((a, b) => b.length - a.length);
}
