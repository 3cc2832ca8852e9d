import { printable } from '../message/reply-text.ts';

/** What a reply to a client may hold; with the code it fits every client's line buffer (RFC 5321 §4.5.3.1.5). */
const MAX_TEXT_BYTES = 400;
const MAX_NAME_BYTES = 120;
const MAX_ID_BYTES = 60;

/** A name of the configuration as it may stand in a reply. */
export function nameText(name: string): string {
  return printable(name).slice(0, MAX_NAME_BYTES);
}

/** `before: quoted (id …)`; the quoted part, others' words, is cut so that the whole fits. */
export function composeText(before: string, quoted: string, messageId: string): string {
  const start = printable(before);
  const end = ` (id ${idText(messageId)})`;
  const room = MAX_TEXT_BYTES - start.length - end.length - 2;
  const middle = printable(quoted).trim().slice(0, Math.max(0, room));
  return `${start}${middle === '' ? '' : `: ${middle}`}${end}`;
}

/** The text of a 250: who took the message, our id, the downstream's words (printable) as far as they fit. */
export function relayedText(names: string, messageId: string, quoted: string): string {
  const text = `Ok: relayed via ${nameText(names)}, id ${idText(messageId)}: ${quoted}`;
  return text.length > MAX_TEXT_BYTES ? text.slice(0, MAX_TEXT_BYTES) : text;
}

function idText(messageId: string): string {
  return printable(messageId).slice(0, MAX_ID_BYTES);
}
