/**
 * The log line of each event, as data: which level, which words, which fields. Field names are
 * snake_case and mean the same in every line: `session_id`, `message_id`, `downstream`, `duration_ms`.
 */
import type { SmtpReply } from '@smtp-router/smtp/grammar';
import type {
  AuthenticationEnded,
  CertificateChanged,
  DownstreamStateChanged,
  FailedOver,
  MessageEnded,
  PluginStateChanged,
  RouterEvent,
  SecretChanged,
  SignatureBroken,
} from '../events/router-event.ts';
import { type Attempt, isPassedOver } from '../message/outcome.ts';
import type { SelectionRecord } from '../message/selection-record.ts';
import { summarizeAttempt } from './attempt-summary.ts';
import type { LogPrivacy } from './log-privacy.ts';

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error';

/** One line before it is written. */
export interface LogLine {
  readonly level: LogLevel;
  /** For people; everything in it is also in `fields`. */
  readonly message: string;
  /** For machines. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** A message may have a thousand recipients; a line shows so many and the number of all. */
const MAX_RECIPIENTS_SHOWN = 50;

/** The line of an event. */
export function logLineOf(event: RouterEvent, privacy: LogPrivacy): LogLine {
  switch (event.kind) {
    case 'session-opened':
      return line('debug', `session from ${event.clientAddress}`, {
        session_id: event.sessionId,
        listener: event.listener,
        client: event.clientAddress,
      });
    case 'session-closed':
      return line('debug', `session closed: ${event.reason}`, {
        session_id: event.sessionId,
        listener: event.listener,
        reason: event.reason,
        messages: event.messages,
      });
    case 'session-refused':
      return line('warn', `connection from ${event.clientAddress} refused: ${event.reason}`, {
        listener: event.listener,
        client: event.clientAddress,
        reason: event.reason,
        ...(event.message === undefined ? {} : { error: event.message }),
      });
    case 'listener-fault':
      return line('error', privacy.text(event.message), { listener: event.listener, code: event.code });
    case 'certificate-changed':
      return certificateLine(event, privacy);
    case 'authentication-ended':
      return authenticationLine(event, privacy);
    case 'protocol-fault':
      return line('info', privacy.text(event.message), { session_id: event.sessionId, code: event.code });
    case 'message-ended':
      return messageLine(event, privacy);
    case 'selection-ended':
      return line('debug', `${event.selection.selector} chose ${routesText(event.selection)}`, {
        message_id: event.messageId,
        ...selectionFields(event.selection, privacy),
      });
    case 'attempt-ended':
      return line('debug', `attempt at ${event.attempt.downstreamId}`, {
        message_id: event.messageId,
        ...attemptFields(event.attempt, privacy),
      });
    case 'failed-over':
      return failoverLine(event, privacy);
    case 'signature-broken':
      return signatureLine(event, privacy);
    case 'downstream-state-changed':
      return downstreamLine(event, privacy);
    case 'plugin-state-changed':
      return pluginLine(event, privacy);
    case 'plugin-output':
      return line(event.level, privacy.text(event.message), { plugin: event.plugin, pid: event.pid });
    case 'router-state-changed':
      return line('info', `router is ${event.state}`, { state: event.state });
    case 'storage-fault':
      return line('error', event.message, { code: event.code });
    case 'secret-changed':
      return secretLine(event, privacy);
    case 'internal-fault':
      return line('error', `${event.where}: ${privacy.text(event.message)}`, {
        code: 'ROUTER_INTERNAL',
        where: event.where,
      });
  }
}

function line(level: LogLevel, message: string, fields: LogLine['fields']): LogLine {
  return { level, message, fields };
}

function certificateLine(event: CertificateChanged, privacy: LogPrivacy): LogLine {
  if (event.message !== undefined) {
    const message = `certificate stays as it was: ${privacy.text(event.message)}`;
    return line('error', message, { file: event.file, code: event.code });
  }
  const until = new Date(event.validUntil ?? 0).toISOString();
  return line('info', `certificate ${event.file} is served, valid until ${until}`, {
    file: event.file,
    valid_until: until,
  });
}

function authenticationLine(event: AuthenticationEnded, privacy: LogPrivacy): LogLine {
  const user = privacy.address(event.user);
  const [level, word] = event.isAccepted ? (['debug', 'accepted'] as const) : (['warn', 'refused'] as const);
  const why = event.unchecked === undefined ? '' : ` unchecked: ${UNCHECKED_WORDS[event.unchecked]}`;
  return line(level, `login of ${user} ${word}${why}`, {
    session_id: event.sessionId,
    client: event.clientAddress,
    user,
    mechanism: event.mechanism,
    result: event.unchecked ?? word,
  });
}

const UNCHECKED_WORDS: Readonly<Record<'busy' | 'guessing', string>> = {
  busy: 'too many passwords wait to be checked',
  guessing: 'too many failed logins from its address',
};

function messageLine(event: MessageEnded, privacy: LogPrivacy): LogLine {
  const reply = privacy.text(event.replyText);
  const shown = event.recipients.slice(0, MAX_RECIPIENTS_SHOWN);
  const downstream = event.attempts.at(-1)?.downstreamId;
  return line(event.result === 'relayed' ? 'info' : 'warn', `${event.result}: ${event.replyCode} ${reply}`, {
    session_id: event.sessionId,
    message_id: event.messageId,
    user: privacy.address(event.user),
    mail_from: privacy.address(event.mailFrom),
    recipients: shown.map((address) => privacy.address(address)),
    recipient_count: event.recipients.length,
    size_bytes: event.sizeBytes,
    result: event.result,
    reply_code: event.replyCode,
    reply,
    duration_ms: rounded(event.durationMs),
    ...(downstream === undefined ? {} : { downstream }),
    ...(event.selection === undefined ? {} : selectionFields(event.selection, privacy)),
    attempts: event.attempts.map((attempt) => attemptFields(attempt, privacy)),
  });
}

function selectionFields(selection: SelectionRecord, privacy: LogPrivacy): LogLine['fields'] {
  return {
    selector: selection.selector,
    decided_by: selection.decidedBy,
    ...(selection.faultCode === undefined ? {} : { fault_code: selection.faultCode }),
    reason: privacy.text(selection.reason),
    routes: selection.routes,
    selection_ms: rounded(selection.durationMs),
  };
}

function routesText(selection: SelectionRecord): string {
  return selection.routes.map((candidates) => candidates.join(', ')).join('; ') || 'nothing';
}

function attemptFields(attempt: Attempt, privacy: LogPrivacy): LogLine['fields'] {
  const { kind, blame, outcome } = summarizeAttempt(attempt);
  return {
    downstream: attempt.downstreamId,
    phase: attempt.phase,
    outcome: kind,
    ...(blame === '' ? {} : { blame }),
    ...(outcome?.reply === undefined ? {} : { reply: privacy.text(replyText(outcome.reply)) }),
    ...(outcome === undefined || outcome.kind === 'delivered' ? {} : causeFields(outcome, privacy)),
    recipient_count: attempt.recipientIds.length,
    duration_ms: rounded(attempt.durationMs),
  };
}

function causeFields(
  outcome: { readonly errorCode?: string; readonly message: string },
  privacy: LogPrivacy,
): LogLine['fields'] {
  const error = privacy.text(outcome.message);
  return outcome.errorCode === undefined ? { error } : { error_code: outcome.errorCode, error };
}

/** What the configuration says is no news; that nobody is left is. */
function failoverLine(event: FailedOver, privacy: LogPrivacy): LogLine {
  const next = event.to === undefined ? 'nobody is left' : `going on with ${event.to}`;
  const isPlanned = isPassedOver(event.errorCode) && event.to !== undefined;
  const words = isPlanned ? 'was passed over' : 'did not take the message';
  return line(isPlanned ? 'info' : 'warn', `${event.from} ${words}, ${next}`, {
    message_id: event.messageId,
    downstream: event.from,
    ...(event.to === undefined ? {} : { next: event.to }),
    blame: event.blame,
    ...(event.errorCode === undefined ? {} : { error_code: event.errorCode }),
    error: privacy.text(event.message),
  });
}

function signatureLine(event: SignatureBroken, privacy: LogPrivacy): LogLine {
  const domains = privacy.text(event.domains.join(', '));
  return line('warn', `rewrite_from of ${event.downstream} breaks the DKIM signature of ${domains}`, {
    message_id: event.messageId,
    downstream: event.downstream,
    domains,
  });
}

function downstreamLine(event: DownstreamStateChanged, privacy: LogPrivacy): LogLine {
  const why = event.message === undefined ? '' : `: ${privacy.text(event.message)}`;
  const level = event.state === 'up' ? 'info' : event.state === 'down' ? 'error' : 'warn';
  return line(level, `downstream ${event.downstream} is ${event.state}${why}`, {
    downstream: event.downstream,
    state: event.state,
    ...(event.blame === undefined ? {} : { blame: event.blame }),
  });
}

function pluginLine(event: PluginStateChanged, privacy: LogPrivacy): LogLine {
  const isBad = event.state === 'failed' || event.state === 'restarting';
  const why = event.message === undefined ? '' : `: ${privacy.text(event.message)}`;
  return line(isBad ? 'error' : 'info', `plugin ${event.plugin} is ${event.state}${why}`, {
    plugin: event.plugin,
    state: event.state,
    ...(event.pid === undefined ? {} : { pid: event.pid }),
    restarts: event.restarts,
    ...(event.faultCode === undefined ? {} : { code: event.faultCode }),
  });
}

function secretLine(event: SecretChanged, privacy: LogPrivacy): LogLine {
  const file = privacy.text(event.file);
  const owners = privacy.text(event.owners);
  if (event.problem === undefined) return line('info', `new password in use: ${owners}`, { owners, file });
  const error = privacy.text(event.problem);
  return line('warn', `the former password of ${owners} stays: ${error}`, { owners, file, error });
}

function replyText(reply: SmtpReply): string {
  return [String(reply.code), reply.enhancedCode, ...reply.lines]
    .filter((part) => part !== undefined)
    .join(' ');
}

/** A tenth of a millisecond is enough for people; more digits only fill disks. */
function rounded(milliseconds: number): number {
  return Math.round(milliseconds * 10) / 10;
}
