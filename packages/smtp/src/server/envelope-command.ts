/** The arguments of MAIL and RCPT (RFC 5321 §4.1.1.2, §4.1.1.3). */
import { hasWordAt, isAsciiText } from '../grammar/core-rules.ts';
import type { EsmtpParameter, Path } from '../grammar/envelope.ts';
import { parseParameters } from '../grammar/esmtp-parameter.ts';
import { forwardPath, type PathMatch, reversePath } from '../grammar/path.ts';
import type { ExtensionOffer } from './extension-offer.ts';
import { MAIL_PARAMETERS, type ParameterRules, RCPT_PARAMETERS, refuseParameters } from './parameter-rule.ts';
import {
  ADDRESS_NEEDS_SMTPUTF8,
  BAD_FORWARD_PATH,
  BAD_PARAMETER,
  BAD_REVERSE_PATH,
  type Refusal,
} from './server-reply.ts';

/** A path with its parameters, or why there is none. */
export type EnvelopeArgument =
  | { readonly kind: 'accepted'; readonly path: Path; readonly parameters: readonly EsmtpParameter[] }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

const SPACE = 0x20;
const UTF8_ALLOWED = { isUtf8Allowed: true } as const;
const NO_PARAMETERS: readonly EsmtpParameter[] = [];

interface ArgumentRules {
  readonly prefix: string;
  readonly path: (
    text: string,
    start: number,
    options: { readonly isUtf8Allowed: boolean },
  ) => PathMatch | undefined;
  readonly parameters: ParameterRules;
  readonly badPath: Refusal;
}

const MAIL_RULES: ArgumentRules = {
  prefix: 'FROM:',
  path: reversePath,
  parameters: MAIL_PARAMETERS,
  badPath: BAD_REVERSE_PATH,
};
const RCPT_RULES: ArgumentRules = {
  prefix: 'TO:',
  path: forwardPath,
  parameters: RCPT_PARAMETERS,
  badPath: BAD_FORWARD_PATH,
};

/** mail = "MAIL FROM:" Reverse-path [SP Mail-parameters] CRLF */
export function readMailArgument(argument: string, offer: ExtensionOffer): EnvelopeArgument {
  const result = readArgument(argument, MAIL_RULES, offer);
  if (result.kind === 'refused' || isAsciiText(result.path.address)) return result;
  return result.parameters.some(({ keyword }) => keyword === 'SMTPUTF8')
    ? result
    : refused(ADDRESS_NEEDS_SMTPUTF8);
}

/** rcpt = "RCPT TO:" Forward-path [SP Rcpt-parameters] CRLF */
export function readRcptArgument(
  argument: string,
  offer: ExtensionOffer,
  isUtf8Transaction: boolean,
): EnvelopeArgument {
  const result = readArgument(argument, RCPT_RULES, offer);
  if (result.kind === 'refused' || isUtf8Transaction) return result;
  return isAsciiText(result.path.address) ? result : refused(ADDRESS_NEEDS_SMTPUTF8);
}

/** Spaces behind the colon are against the RFC and so common that they are tolerated. */
function readArgument(argument: string, rules: ArgumentRules, offer: ExtensionOffer): EnvelopeArgument {
  if (!hasWordAt(argument, 0, rules.prefix)) return refused(rules.badPath);
  let start = rules.prefix.length;
  while (argument.charCodeAt(start) === SPACE) start += 1;
  const match = rules.path(argument, start, UTF8_ALLOWED);
  if (match === undefined) return refused(rules.badPath);
  if (match.end === argument.length) return { kind: 'accepted', path: match.path, parameters: NO_PARAMETERS };
  if (argument.charCodeAt(match.end) !== SPACE) return refused(rules.badPath);
  const parameters = parseParameters(argument.slice(match.end));
  if (parameters === undefined) return refused(BAD_PARAMETER);
  const refusal = refuseParameters(parameters, rules.parameters, offer);
  return refusal === undefined ? { kind: 'accepted', path: match.path, parameters } : refused(refusal);
}

function refused(refusal: Refusal): EnvelopeArgument {
  return { kind: 'refused', refusal };
}
