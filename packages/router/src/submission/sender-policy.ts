/**
 * Who may send under which addresses. Both the reverse-path and the header From count: the one is what
 * bounces and SPF go by, the other what people see. The null reverse-path is always let through, since
 * automatic answers and notifications must use it (RFC 5321 §4.5.5); their From still counts. Sender and
 * Resent-From are not looked at.
 */
import type { SmtpReply } from '@smtp-router/smtp/grammar';
import { AddressPattern, matchesAny } from '../message/address-pattern.ts';
import { fromMailboxes } from '../message/from-mailboxes.ts';
import { HeaderFields } from '../message/header-fields.ts';
import { HeaderSection } from '../message/header-section.ts';
import type { Message } from '../message/message.ts';
import { FROM_NOT_ALLOWED, FROM_UNREADABLE, SENDER_NOT_ALLOWED } from './submission-reply.ts';

/** A user and the addresses it may send under. */
export interface SendingUser {
  /** As configured; the name mail is sent under. */
  readonly email: string;
  /** Patterns such as `*@example.com`; absent = any address. */
  readonly allowedSenders?: readonly string[];
}

/** The rules of all users of a configuration. */
export class SenderPolicy {
  /** Users that may not use any address, by email. */
  readonly #patterns: ReadonlyMap<string, readonly AddressPattern[]>;

  constructor(users: Iterable<SendingUser>) {
    this.#patterns = new Map(
      [...users].flatMap(({ email, allowedSenders }) =>
        allowedSenders === undefined ? [] : [[email, allowedSenders.map((text) => new AddressPattern(text))]],
      ),
    );
  }

  /** What a client that sends the message is refused with, at MAIL or at the end of data. */
  refusalOf({ session: { user }, envelope, body }: Message): SmtpReply | undefined {
    return (
      this.refusalOfReversePath(user, envelope.reversePath.address) ??
      this.refusalOfHeader(user, body.headerSection)
    );
  }

  /** What MAIL is refused with; undefined = the user may send under the address, '' being the null reverse-path. */
  refusalOfReversePath(user: string, address: string): SmtpReply | undefined {
    const patterns = this.#patterns.get(user);
    if (patterns === undefined || address === '' || matchesAny(patterns, address)) return undefined;
    return SENDER_NOT_ALLOWED;
  }

  /**
   * What the message is refused with at the end of data; undefined = it has exactly one From field, and
   * the user may send under each mailbox of it. A section that was cut might hide another From.
   */
  refusalOfHeader(user: string, section: Uint8Array): SmtpReply | undefined {
    const patterns = this.#patterns.get(user);
    if (patterns === undefined) return undefined;
    const addresses = section.length < HeaderSection.MAX_BYTES ? addressesOfFrom(section) : undefined;
    if (addresses === undefined) return FROM_UNREADABLE;
    return addresses.every((address) => matchesAny(patterns, address)) ? undefined : FROM_NOT_ALLOWED;
  }
}

function addressesOfFrom(section: Uint8Array): readonly string[] | undefined {
  const fields = new HeaderFields(section);
  return fields.count('from') === 1 ? fromMailboxes(fields.first('from')) : undefined;
}
