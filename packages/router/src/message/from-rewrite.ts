/**
 * Puts another address into the From field of a message (RFC 5322 §3.6.2): only the bytes of the address
 * change, display name, comments and folding stay. Replies still reach the author: where there is no
 * Reply-To, one with the replaced address is added (RFC 5322 §3.6.2).
 */
import { locateFromMailboxes } from './from-mailboxes.ts';
import type { FieldSpan, HeaderFields } from './header-fields.ts';
import { HeaderSection } from './header-section.ts';
import type { BodyEdit } from './rewritten-body.ts';

/** Edits to make, none when the address stands there already; or why it cannot be done, as the end of a sentence. */
export type FromRewrite =
  | { readonly kind: 'possible'; readonly edits: readonly BodyEdit[] }
  | { readonly kind: 'impossible'; readonly why: string };

/**
 * Exactly one From field with exactly one mailbox can be rewritten. In a section that was cut at its
 * limit another From might follow.
 *
 * @param section the header section `fields` was made of; positions of the edits count from its start
 * @param address ASCII
 */
export function rewriteFrom(section: Uint8Array, fields: HeaderFields, address: string): FromRewrite {
  if (section.length >= HeaderSection.MAX_BYTES) return impossible('its header section is too long');
  const [from, another] = fields.spans('from');
  if (from === undefined) return impossible('it has no From field');
  if (another !== undefined) return impossible('it has several From fields');
  const mailboxes = locateFromMailboxes(section.subarray(from.valueStart, contentEnd(section, from)));
  const [mailbox, second] = mailboxes ?? [];
  if (mailbox === undefined) return impossible('its From field cannot be read without doubt');
  if (second !== undefined) return impossible('its From field has several mailboxes');
  if (mailbox.address === address) return { kind: 'possible', edits: [] };
  const replacement: BodyEdit = {
    start: from.valueStart + mailbox.start,
    end: from.valueStart + mailbox.end,
    bytes: Buffer.from(address, 'latin1'),
  };
  return { kind: 'possible', edits: [...replyToBefore(from, fields, mailbox.address), replacement] };
}

function replyToBefore(from: FieldSpan, fields: HeaderFields, address: string): readonly BodyEdit[] {
  if (fields.count('reply-to') > 0) return [];
  return [{ start: from.start, end: from.start, bytes: Buffer.from(`Reply-To: ${address}\r\n`) }];
}

/** Without the line end behind the field. */
function contentEnd(section: Uint8Array, { end }: FieldSpan): number {
  if (section[end - 1] !== 0x0a) return end;
  return section[end - 2] === 0x0d ? end - 2 : end - 1;
}

function impossible(why: string): FromRewrite {
  return { kind: 'impossible', why };
}
