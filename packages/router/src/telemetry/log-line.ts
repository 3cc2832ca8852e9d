/**
 * The log line of each event but that of a message (`message-line.ts`): which words, which fields. Field
 * names are snake_case and mean the same in every line: `session_id`, `message_id`, `downstream`,
 * `duration_ms`. A field that is undefined is not written.
 */
import type {
  AttemptEnded,
  AuthenticationEnded,
  CertificateChanged,
  DownstreamStateChanged,
  FailedOver,
  MessageEnded,
  PluginStateChanged,
  PluginSwapped,
  RouterEvent,
  SecretChanged,
  SelectionEnded,
  SignatureBroken,
  SpooledMessageTried,
} from '../events/router-event.ts';
import { isPassedOver } from '../message/outcome.ts';
import type { SelectionRecord } from '../message/selection-record.ts';
import { summarizeAttempt } from './attempt-summary.ts';
import type { LogPrivacy } from './log-privacy.ts';
import { replyText, tenths } from './log-value.ts';

/** One line before it is written. */
export interface LogLine {
  /** For people; everything in it is also in `fields`. */
  readonly message: string;
  /** For machines. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** The line of an event. */
export function logLineOf(event: Exclude<RouterEvent, MessageEnded>, privacy: LogPrivacy): LogLine {
  switch (event.kind) {
    case 'session-opened':
      return line(`session from ${event.clientAddress}`, {
        session_id: event.sessionId,
        listener: event.listener,
        client: event.clientAddress,
      });
    case 'session-closed':
      return line(`session closed: ${event.reason}`, {
        session_id: event.sessionId,
        listener: event.listener,
        reason: event.reason,
        messages: event.messages,
      });
    case 'session-refused':
      return line(`connection from ${event.clientAddress} refused: ${event.reason}`, {
        listener: event.listener,
        client: event.clientAddress,
        reason: event.reason,
        error: event.message,
      });
    case 'listener-fault':
      return line(privacy.text(event.message), { listener: event.listener, code: event.code });
    case 'certificate-changed':
      return certificateLine(event, privacy);
    case 'authentication-ended':
      return authenticationLine(event, privacy);
    case 'protocol-fault':
      return line(privacy.text(event.message), { session_id: event.sessionId, code: event.code });
    case 'selection-ended':
      return selectionLine(event, privacy);
    case 'attempt-ended':
      return attemptLine(event, privacy);
    case 'failed-over':
      return failoverLine(event, privacy);
    case 'signature-broken':
      return signatureLine(event, privacy);
    case 'downstream-state-changed':
      return downstreamLine(event, privacy);
    case 'plugin-state-changed':
      return pluginLine(event, privacy);
    case 'plugin-swapped':
      return swapLine(event);
    case 'plugin-swap-failed':
      return line(`plugin ${event.plugin} was not replaced: ${privacy.text(event.message)}`, {
        plugin: event.plugin,
        code: event.faultCode,
      });
    case 'plugin-warning':
      return line(privacy.text(event.message), { plugin: event.plugin, code: event.faultCode });
    case 'plugin-output':
      return line(privacy.text(event.message), { plugin: event.plugin, pid: event.pid });
    case 'router-state-changed':
      return line(`router is ${event.state}`, { state: event.state });
    case 'storage-fault':
    case 'spool-fault':
      return line(privacy.text(event.message), { code: event.code });
    case 'spooled-message-tried':
      return spooledLine(event, privacy);
    case 'secret-changed':
      return secretLine(event, privacy);
    case 'internal-fault':
      return line(`${event.where}: ${privacy.text(event.message)}`, {
        code: 'ROUTER_INTERNAL',
        where: event.where,
      });
  }
}

function line(message: string, fields: LogLine['fields']): LogLine {
  return { message, fields };
}

function spooledLine(event: SpooledMessageTried, privacy: LogPrivacy): LogLine {
  const { delivered, deferred, failed, held } = event;
  const counts = Object.entries({ delivered, deferred, failed, held }).filter(([, count]) => count > 0);
  const told = counts.map(([word, count]) => `${count} ${word}`).join(', ') || 'nothing changed';
  return line(`spooled message: ${told}`, {
    message_id: event.messageId,
    user: privacy.address(event.user),
    age_ms: tenths(event.ageMs),
    delivered,
    deferred,
    failed,
    held,
    report_id: event.reportId,
    unreported: event.unreported,
  });
}

function certificateLine(event: CertificateChanged, privacy: LogPrivacy): LogLine {
  if (event.message !== undefined) {
    const message = `certificate stays as it was: ${privacy.text(event.message)}`;
    return line(message, { file: event.file, code: event.code });
  }
  const until = new Date(event.validUntil ?? 0).toISOString();
  return line(`certificate ${event.file} is served, valid until ${until}`, {
    file: event.file,
    valid_until: until,
  });
}

function authenticationLine(event: AuthenticationEnded, privacy: LogPrivacy): LogLine {
  const user = privacy.address(event.user);
  const word = event.isAccepted ? 'accepted' : 'refused';
  const why = event.unchecked === undefined ? '' : ` unchecked: ${UNCHECKED_WORDS[event.unchecked]}`;
  return line(`login of ${user} ${word}${why}`, {
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

function selectionLine({ messageId, selection }: SelectionEnded, privacy: LogPrivacy): LogLine {
  return line(`${selection.selector} chose ${routesText(selection)}`, {
    message_id: messageId,
    selector: selection.selector,
    decided_by: selection.decidedBy,
    fault_code: selection.faultCode,
    reason: privacy.text(selection.reason),
    routes: selection.routes,
    selection_ms: tenths(selection.durationMs),
  });
}

function routesText(selection: SelectionRecord): string {
  return selection.routes.map((candidates) => candidates.join(', ')).join('; ') || 'nothing';
}

function attemptLine({ messageId, attempt }: AttemptEnded, privacy: LogPrivacy): LogLine {
  const { kind, blame, outcome } = summarizeAttempt(attempt);
  const cause = outcome === undefined || outcome.kind === 'delivered' ? undefined : outcome;
  return line(`attempt at ${attempt.downstreamId}`, {
    message_id: messageId,
    downstream: attempt.downstreamId,
    phase: attempt.phase,
    outcome: kind,
    blame: blame === '' ? undefined : blame,
    reply: outcome?.reply && privacy.text(replyText(outcome.reply)),
    error_code: cause?.errorCode,
    error: cause && privacy.text(cause.message),
    recipient_count: attempt.recipientIds.length,
    duration_ms: tenths(attempt.durationMs),
  });
}

/** What the configuration says is no news; that nobody is left is. */
function failoverLine(event: FailedOver, privacy: LogPrivacy): LogLine {
  const next = event.to === undefined ? 'nobody is left' : `going on with ${event.to}`;
  const isPlanned = isPassedOver(event.errorCode) && event.to !== undefined;
  const words = isPlanned ? 'was passed over' : 'did not take the message';
  return line(`${event.from} ${words}, ${next}`, {
    message_id: event.messageId,
    downstream: event.from,
    next: event.to,
    blame: event.blame,
    error_code: event.errorCode,
    error: privacy.text(event.message),
  });
}

function signatureLine(event: SignatureBroken, privacy: LogPrivacy): LogLine {
  const domains = privacy.text(event.domains.join(', '));
  return line(`rewrite_from of ${event.downstream} breaks the DKIM signature of ${domains}`, {
    message_id: event.messageId,
    downstream: event.downstream,
    domains,
  });
}

function downstreamLine(event: DownstreamStateChanged, privacy: LogPrivacy): LogLine {
  const why = event.message === undefined ? '' : `: ${privacy.text(event.message)}`;
  return line(`downstream ${event.downstream} is ${event.state}${why}`, {
    downstream: event.downstream,
    state: event.state,
    blame: event.blame,
  });
}

function pluginLine(event: PluginStateChanged, privacy: LogPrivacy): LogLine {
  const why = event.message === undefined ? '' : `: ${privacy.text(event.message)}`;
  return line(`plugin ${event.plugin} is ${event.state}${why}`, {
    plugin: event.plugin,
    state: event.state,
    pid: event.pid,
    restarts: event.restarts,
    code: event.faultCode,
  });
}

function swapLine({ plugin, pid, from, sha256, durationMs }: PluginSwapped): LogLine {
  const fields = { plugin, pid, former_pid: from, sha256, duration_ms: tenths(durationMs) };
  return line(`plugin ${plugin} was replaced`, fields);
}

function secretLine(event: SecretChanged, privacy: LogPrivacy): LogLine {
  const file = privacy.text(event.file);
  const owners = privacy.text(event.owners);
  if (event.problem === undefined) return line(`new password in use: ${owners}`, { owners, file });
  const error = privacy.text(event.problem);
  return line(`the former password of ${owners} stays: ${error}`, { owners, file, error });
}
