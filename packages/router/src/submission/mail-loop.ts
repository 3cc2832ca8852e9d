import { HeaderFields } from '../message/header-fields.ts';

/** `Received:` and a line end. */
const SHORTEST_FIELD_BYTES = 11;

/** True when a message passed through so many relays that it must be going in circles (RFC 5321 §6.3). */
export function isMailLoop(headerSection: Uint8Array, maxReceivedFields: number): boolean {
  // Most headers are too short to hold that many fields; they need not be read for it.
  if (headerSection.length <= maxReceivedFields * SHORTEST_FIELD_BYTES) return false;
  return new HeaderFields(headerSection).count('received') > maxReceivedFields;
}
