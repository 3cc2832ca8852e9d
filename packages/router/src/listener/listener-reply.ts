/** What the listener itself tells a client (RFC 5321 §3.8, §4.2.1). */
import type { SmtpReply } from '@smtp-router/smtp/grammar';

export function shuttingDown(hostname: string): SmtpReply {
  return { code: 421, enhancedCode: '4.3.2', lines: [`${hostname} is shutting down, try again soon`] };
}

export function timedOut(hostname: string): SmtpReply {
  return { code: 421, enhancedCode: '4.4.2', lines: [`${hostname} waited too long, closing`] };
}

export function tooManyConnections(hostname: string): SmtpReply {
  return {
    code: 421,
    enhancedCode: '4.3.2',
    lines: [`${hostname} has too many connections, try again soon`],
  };
}

export function tooManyFromAddress(hostname: string): SmtpReply {
  return {
    code: 421,
    enhancedCode: '4.7.0',
    lines: [`${hostname} has too many connections from your address, close some or log in`],
  };
}

export function notServing(hostname: string): SmtpReply {
  return { code: 421, enhancedCode: '4.3.0', lines: [`${hostname} cannot serve you now, try again soon`] };
}

export function localFault(hostname: string): SmtpReply {
  return { code: 451, enhancedCode: '4.3.0', lines: [`${hostname} had an internal fault, try again later`] };
}
