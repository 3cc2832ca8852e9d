/**
 * Which ESMTP parameters MAIL and RCPT to one downstream get. SIZE, BODY and SMTPUTF8 follow from what
 * the message is and what the downstream offers, not from what the client wrote: the client's SIZE was a
 * guess, its BODY does not say whether a byte above 127 really occurs, and its SMTPUTF8 not whether
 * anything is in UTF-8. What the client asks of
 * delivery reports (DSN) goes on as it came to a downstream that knows them, and is left out for others:
 * they report as they see fit (RFC 3461 §5.2.2).
 */
import type { SmtpExtensions } from '@smtp-router/smtp/client';
import type { EsmtpParameter } from '@smtp-router/smtp/grammar';
import { needsSmtpUtf8 } from '../message/internationalized.ts';
import type { Message, Recipient } from '../message/message.ts';

/** Parameters to send, or why the downstream cannot take the message. */
export type MailParameters =
  | { readonly kind: 'possible'; readonly parameters: readonly EsmtpParameter[] }
  | { readonly kind: 'impossible'; readonly code: CapabilityCode; readonly message: string };

export type CapabilityCode =
  | 'ROUTER_8BITMIME_NOT_OFFERED'
  | 'ROUTER_SMTPUTF8_NOT_OFFERED'
  | 'ROUTER_SIZE_EXCEEDED';

/** Of MAIL (RFC 3461 §4.3, §4.4) and of RCPT (RFC 3461 §4.1, §4.2). */
const DSN_MAIL_KEYWORDS: ReadonlySet<string> = new Set(['RET', 'ENVID']);
const DSN_RCPT_KEYWORDS: ReadonlySet<string> = new Set(['NOTIFY', 'ORCPT']);

/** RFC 6152 (BODY), RFC 1870 (SIZE), RFC 6531 (SMTPUTF8), DSN. 8-bit content is never re-encoded. */
export function chooseMailParameters(
  message: Message,
  extensions: SmtpExtensions,
  downstream: string,
): MailParameters {
  const { body, envelope } = message;
  const needsUtf8 = needsSmtpUtf8(message);
  const impossible = (code: CapabilityCode, why: string): MailParameters => ({
    kind: 'impossible',
    code,
    message: `Downstream ${downstream} ${why}.`,
  });
  if (body.has8bit && !extensions.has8bitMime) {
    return impossible('ROUTER_8BITMIME_NOT_OFFERED', 'takes 7-bit messages only (no 8BITMIME)');
  }
  if (needsUtf8 && !extensions.hasSmtpUtf8) {
    return impossible('ROUTER_SMTPUTF8_NOT_OFFERED', 'takes ASCII addresses only (no SMTPUTF8)');
  }
  if (extensions.maxSizeBytes > 0 && body.sizeBytes > extensions.maxSizeBytes) {
    const sizes = `${body.sizeBytes} bytes are more than its SIZE ${extensions.maxSizeBytes}`;
    return impossible('ROUTER_SIZE_EXCEEDED', `cannot take the message: ${sizes}`);
  }
  const parameters: EsmtpParameter[] = [];
  if (extensions.hasSize) parameters.push({ keyword: 'SIZE', value: String(body.sizeBytes) });
  if (body.has8bit) parameters.push({ keyword: 'BODY', value: '8BITMIME' });
  if (needsUtf8) parameters.push({ keyword: 'SMTPUTF8' });
  if (extensions.hasDsn) {
    for (const parameter of envelope.mailParameters)
      if (DSN_MAIL_KEYWORDS.has(parameter.keyword)) parameters.push(parameter);
  }
  return { kind: 'possible', parameters };
}

/** The recipients with the parameters that their RCPT commands get; the same ones when nothing is left out. */
export function chooseRecipients(
  recipients: readonly Recipient[],
  { hasDsn }: SmtpExtensions,
): readonly Recipient[] {
  const isCarried = ({ keyword }: EsmtpParameter): boolean => hasDsn && DSN_RCPT_KEYWORDS.has(keyword);
  if (recipients.every(({ parameters }) => parameters.every(isCarried))) return recipients;
  return recipients.map(({ id, path, parameters }) => ({
    id,
    path,
    parameters: parameters.filter(isCarried),
  }));
}
