import type { SelectReply } from '@smtp-router/selector/contract';

/** A decision on one line: `ses, own` or `0: ses | 1 2: own`, or the verdict; then the reason. */
export function replyWords(reply: SelectReply): string {
  const reason = reply.reason === '' ? '' : ` (${reply.reason})`;
  if (reply.kind !== 'route') return `${reply.kind} ${reply.code || ''} ${reply.text}`.trim() + reason;
  const routes = reply.routes.map(({ recipientIds, candidateIds }) => {
    const recipients = recipientIds.length === 0 ? '' : `${recipientIds.join(' ')}: `;
    return recipients + candidateIds.join(', ');
  });
  return routes.join(' | ') + reason;
}
