/**
 * Under which addresses a downstream sends, and what becomes of a message because of it.
 *
 * First the addresses are rewritten (`rewrite_from`, `rewrite_mail_from`), then what would go out is
 * compared with `verified_from`: the reverse-path and every mailbox of From, since Amazon SES checks
 * both, SendGrid From, a server of one's own mostly the reverse-path. A From that cannot be read is left
 * to the downstream to judge; Sender, Reply-To and Resent fields are not compared. Mail with the null
 * reverse-path (bounces and automatic answers, RFC 5321 §4.5.5) goes as it is.
 */
import { type Path, parseReversePath } from '@smtp-router/smtp/grammar';
import { RouterError } from '../errors.ts';
import { AddressPattern, matchesAny } from '../message/address-pattern.ts';
import { domainsSigning } from '../message/dkim-signature.ts';
import { fromMailboxes } from '../message/from-mailboxes.ts';
import { rewriteFrom } from '../message/from-rewrite.ts';
import { HeaderFields } from '../message/header-fields.ts';
import type { Message } from '../message/message.ts';
import { RewrittenBody } from '../message/rewritten-body.ts';

/** Rules of one downstream. */
export interface SenderRuleOptions {
  /** Patterns of the addresses it may send from, such as `*@example.com`; absent = any. */
  readonly verifiedFrom?: readonly string[];
  /** ASCII address to put into the header From; absent = kept. */
  readonly rewriteFrom?: string;
  /** ASCII address to put into the envelope; absent = kept. */
  readonly rewriteMailFrom?: string;
}

/** The message as it goes out, or why it does not. */
export type SenderVerdict = SendableMessage | UnsendableMessage;

export interface SendableMessage {
  readonly kind: 'sendable';
  /** The very same object when nothing is rewritten. */
  readonly message: Message;
  /** Domains whose DKIM signature covers a From that is rewritten: it will no longer be valid. */
  readonly brokenSignatures: readonly string[];
}

export interface UnsendableMessage {
  readonly kind: 'unsendable';
  readonly code: 'ROUTER_SENDER_NOT_VERIFIED' | 'ROUTER_FROM_NOT_REWRITABLE';
  /** Continues a sentence that begins with the downstream; for the log. */
  readonly what: string;
}

const NONE: readonly string[] = [];

/** Applies the rules of one downstream; a message is looked at once, however often it is tried. */
export class SenderRules {
  readonly #verifiedFrom: readonly AddressPattern[] | undefined;
  readonly #from: string | undefined;
  readonly #reversePath: Path | undefined;
  readonly #verdicts = new WeakMap<Message, SenderVerdict>();

  /** Throws `ROUTER_INTERNAL` for an envelope address that is none: configuration lets none through. */
  constructor({ verifiedFrom, rewriteFrom: from, rewriteMailFrom }: SenderRuleOptions) {
    this.#verifiedFrom = verifiedFrom?.map((pattern) => new AddressPattern(pattern));
    this.#from = from;
    this.#reversePath = rewriteMailFrom === undefined ? undefined : reversePathOf(rewriteMailFrom);
  }

  /** What becomes of a message at this downstream. */
  apply(message: Message): SenderVerdict {
    const known = this.#verdicts.get(message);
    if (known !== undefined) return known;
    const verdict = this.#judge(message);
    this.#verdicts.set(message, verdict);
    return verdict;
  }

  #judge(message: Message): SenderVerdict {
    if (message.envelope.reversePath.address === '') return sendable(message);
    const section = message.body.headerSection;
    const fields = new HeaderFields(section);
    const rewritten = this.#withFrom(message, section, fields);
    if (rewritten.kind === 'unsendable') return rewritten;
    const verdict = this.#withReversePath(rewritten);
    const foreign = this.#foreignAddress(verdict.message, fields);
    if (foreign === undefined) return verdict;
    const what = `was not asked: its verified_from does not have ${foreign}`;
    return { kind: 'unsendable', code: 'ROUTER_SENDER_NOT_VERIFIED', what };
  }

  #withFrom(message: Message, section: Uint8Array, fields: HeaderFields): SenderVerdict {
    if (this.#from === undefined) return sendable(message);
    const rewrite = rewriteFrom(section, fields, this.#from);
    if (rewrite.kind === 'impossible') {
      const what = `was not asked: From of the message cannot be rewritten, ${rewrite.why}`;
      return { kind: 'unsendable', code: 'ROUTER_FROM_NOT_REWRITABLE', what };
    }
    if (rewrite.edits.length === 0) return sendable(message);
    const body = new RewrittenBody(message.body, rewrite.edits);
    return sendable({ ...message, body }, domainsSigning(fields, 'from'));
  }

  #withReversePath(verdict: SendableMessage): SendableMessage {
    const { message, brokenSignatures } = verdict;
    const reversePath = this.#reversePath;
    if (reversePath === undefined || reversePath.address === message.envelope.reversePath.address) {
      return verdict;
    }
    return sendable({ ...message, envelope: { ...message.envelope, reversePath } }, brokenSignatures);
  }

  /** The first address that may not be sent from, in words. */
  #foreignAddress({ envelope }: Message, fields: HeaderFields): string | undefined {
    const patterns = this.#verifiedFrom;
    if (patterns === undefined) return undefined;
    const { address } = envelope.reversePath;
    if (!matchesAny(patterns, address)) return `the envelope sender ${address}`;
    const authors =
      this.#from === undefined
        ? fields.all('from').flatMap((value) => fromMailboxes(value) ?? [])
        : [this.#from];
    const foreign = authors.find((author) => !matchesAny(patterns, author));
    return foreign === undefined ? undefined : `${foreign} of From`;
  }
}

function sendable(message: Message, brokenSignatures = NONE): SendableMessage {
  return { kind: 'sendable', message, brokenSignatures };
}

function reversePathOf(address: string): Path {
  const path = parseReversePath(`<${address}>`);
  if (path !== undefined) return path;
  throw new RouterError('ROUTER_INTERNAL', `${address} is no address to send from.`);
}
