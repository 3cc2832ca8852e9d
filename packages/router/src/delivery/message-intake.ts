import type { SmtpReply } from '@smtp-router/smtp/grammar';
import type { Message } from '../message/message.ts';

/**
 * Where `submission` hands a complete message. The reply is the client's final one (RFC 5321 §4.2.5):
 * 250 only when a downstream took it (or, later, it is durably spooled).
 */
export interface MessageIntake {
  accept(message: Message): Promise<SmtpReply>;
}
