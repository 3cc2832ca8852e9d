/**
 * Which ESMTP parameters a MAIL command to one downstream gets. They follow from what the message is
 * and what the downstream offers, not from what the client wrote: the client's SIZE was a guess, and
 * its BODY does not say whether a byte above 127 really occurs.
 */
import type { SmtpExtensions } from '@smtp-router/smtp/client';
import type { EsmtpParameter } from '@smtp-router/smtp/grammar';
import type { Message } from '../message/message.ts';

/** Parameters to send, or why the downstream cannot take the message. */
export type MailParameters =
  | { readonly kind: 'possible'; readonly parameters: readonly EsmtpParameter[] }
  | { readonly kind: 'impossible'; readonly code: CapabilityCode; readonly message: string };

export type CapabilityCode =
  | 'ROUTER_8BITMIME_NOT_OFFERED'
  | 'ROUTER_SMTPUTF8_NOT_OFFERED'
  | 'ROUTER_SIZE_EXCEEDED';

/** RFC 6152 (BODY), RFC 1870 (SIZE), RFC 6531 (SMTPUTF8). 8-bit content is never re-encoded. */
export function chooseMailParameters(
  message: Message,
  extensions: SmtpExtensions,
  downstream: string,
): MailParameters {
  const { body, envelope } = message;
  const needsUtf8 = envelope.mailParameters.some(({ keyword }) => keyword === 'SMTPUTF8');
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
  return { kind: 'possible', parameters };
}
