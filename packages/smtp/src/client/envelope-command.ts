/**
 * The commands of an envelope as text without CRLF. Whatever is put into a command is parsed once more:
 * nothing that is no path or no parameter can reach a downstream, wherever it came from.
 */
import { SmtpProtocolError } from '../errors.ts';
import type { EsmtpParameter } from '../grammar/envelope.ts';
import { formatParameter, parseParameter } from '../grammar/esmtp-parameter.ts';
import { isForwardPath, isReversePath } from '../grammar/path.ts';
import type { SmtpExtensions } from './smtp-extensions.ts';
import type { SmtpTransaction } from './smtp-transaction.ts';

/** MAIL, then one RCPT for each recipient. */
export interface EnvelopeCommands {
  readonly mail: string;
  readonly recipients: readonly string[];
}

/** Throws `SMTP_UNSAFE_ARGUMENT` or `SMTP_PARAMETER_NOT_OFFERED`. */
export function formatEnvelope(transaction: SmtpTransaction, extensions: SmtpExtensions): EnvelopeCommands {
  const { reversePath, mailParameters, recipients } = transaction;
  const isUtf8Allowed = mailParameters.some(({ keyword }) => keyword === 'SMTPUTF8');
  const options = { isUtf8Allowed };
  if (!isReversePath(reversePath, options)) throw unsafe('reverse-path');
  const commands: string[] = [];
  for (const { path, parameters } of recipients) {
    if (!isForwardPath(path, options)) throw unsafe('forward-path');
    commands.push(`RCPT TO:<${path.address}>${formatParameters(parameters, extensions)}`);
  }
  const mail = `MAIL FROM:<${reversePath.address}>${formatParameters(mailParameters, extensions)}`;
  return { mail, recipients: commands };
}

function formatParameters(parameters: readonly EsmtpParameter[], extensions: SmtpExtensions): string {
  let text = '';
  for (const parameter of parameters) {
    const word = formatParameter(parameter);
    if (parseParameter(word)?.keyword !== parameter.keyword) throw unsafe('parameter');
    if (!isOffered(parameter.keyword, extensions)) {
      const message = `The server does not offer what ${parameter.keyword} needs.`;
      throw new SmtpProtocolError('SMTP_PARAMETER_NOT_OFFERED', message);
    }
    text += ` ${word}`;
  }
  return text;
}

/** Keywords of extensions that the engine does not know cannot be told to be offered. */
function isOffered(keyword: string, extensions: SmtpExtensions): boolean {
  switch (keyword) {
    case 'SIZE':
      return extensions.hasSize;
    case 'BODY':
      return extensions.has8bitMime;
    case 'SMTPUTF8':
      return extensions.hasSmtpUtf8;
    case 'AUTH':
      return extensions.authMechanisms.length > 0;
    case 'RET':
    case 'ENVID':
    case 'NOTIFY':
    case 'ORCPT':
      return extensions.hasDsn;
    default:
      return false;
  }
}

function unsafe(what: string): SmtpProtocolError {
  return new SmtpProtocolError('SMTP_UNSAFE_ARGUMENT', `A ${what} to be sent is malformed.`);
}
