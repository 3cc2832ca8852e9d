/** Which ESMTP parameters MAIL and RCPT may have, by the extension that defines them. */
import type { EsmtpParameter } from '../grammar/envelope.ts';
import { isXtext } from '../grammar/xtext.ts';
import type { ExtensionOffer, OfferedExtension } from './extension-offer.ts';
import { BAD_PARAMETER, type Refusal, UNKNOWN_PARAMETER } from './server-reply.ts';

interface ParameterRule {
  readonly extension: OfferedExtension;
  readonly isValid: (value: string | undefined) => boolean;
}

/** Rules of one command, by keyword. */
export type ParameterRules = ReadonlyMap<string, ParameterRule>;

/** Octets of ENVID (RFC 3461 §4.4) and of ORCPT (RFC 3461 §4.2). */
const MAX_ENVELOPE_ID_OCTETS = 100;
const MAX_ORIGINAL_RECIPIENT_OCTETS = 500;

export const MAIL_PARAMETERS: ParameterRules = new Map<string, ParameterRule>([
  ['SIZE', { extension: 'SIZE', isValid: isSizeValue }],
  ['BODY', { extension: '8BITMIME', isValid: (value) => isOneOf(value, ['7BIT', '8BITMIME']) }],
  ['SMTPUTF8', { extension: 'SMTPUTF8', isValid: (value) => value === undefined }],
  ['AUTH', { extension: 'AUTH', isValid: isAuthValue }],
  ['RET', { extension: 'DSN', isValid: (value) => isOneOf(value, ['FULL', 'HDRS']) }],
  ['ENVID', { extension: 'DSN', isValid: (value) => isXtextValue(value, MAX_ENVELOPE_ID_OCTETS) }],
]);

export const RCPT_PARAMETERS: ParameterRules = new Map<string, ParameterRule>([
  ['NOTIFY', { extension: 'DSN', isValid: isNotifyValue }],
  ['ORCPT', { extension: 'DSN', isValid: isOriginalRecipient }],
]);

/** Why the parameters cannot be used; undefined when they can. */
export function refuseParameters(
  parameters: readonly EsmtpParameter[],
  rules: ParameterRules,
  offer: ExtensionOffer,
): Refusal | undefined {
  for (const { keyword, value } of parameters) {
    const rule = rules.get(keyword);
    if (rule === undefined || !offer.has(rule.extension)) return UNKNOWN_PARAMETER;
    if (!rule.isValid(value)) return BAD_PARAMETER;
  }
  return undefined;
}

/** size-value = 1*20DIGIT (RFC 1870 §4) */
function isSizeValue(value: string | undefined): boolean {
  return value !== undefined && /^[0-9]{1,20}$/.test(value);
}

/** "AUTH=" ( xtext / "<>" ) (RFC 4954 §5) */
function isAuthValue(value: string | undefined): boolean {
  return value !== undefined && isXtext(value);
}

/** notify-esmtp-value = "NEVER" / 1#( "SUCCESS" / "FAILURE" / "DELAY" ) (RFC 3461 §4.1) */
function isNotifyValue(value: string | undefined): boolean {
  if (isOneOf(value, ['NEVER'])) return true;
  return (value ?? '').split(',').every((word) => isOneOf(word, ['SUCCESS', 'FAILURE', 'DELAY']));
}

/** original-recipient-address = addr-type ";" xtext (RFC 3461 §4.2) */
function isOriginalRecipient(value: string | undefined): boolean {
  const semicolon = value?.indexOf(';') ?? -1;
  if (value === undefined || semicolon < 1 || value.length > MAX_ORIGINAL_RECIPIENT_OCTETS) return false;
  return /^[A-Za-z0-9-]+$/.test(value.slice(0, semicolon)) && isXtext(value.slice(semicolon + 1));
}

function isXtextValue(value: string | undefined, maxOctets: number): boolean {
  return value !== undefined && value.length <= maxOctets && isXtext(value);
}

function isOneOf(value: string | undefined, words: readonly string[]): boolean {
  return value !== undefined && words.includes(value.toUpperCase());
}
