/**
 * A plugin's decoder gives up the stream at a message that is too long (gob-limits.ts), and with it every
 * call under way. What a mail client sends must not be able to do that: such a request is never sent. Over
 * gRPC, where only the call would fail, the limit is the same, so that a plugin may change its transport.
 */
import type { SelectHeader, SelectRequest } from '../contract/index.ts';
import { SelectorError } from '../errors.ts';

/** The mebibyte of the decoder, less the definitions of types, which come in messages of their own, and room to grow. */
const MAX_REQUEST_BYTES = 1_000_000;

/** UTF-8 bytes a UTF-16 unit may become. */
const BYTES_PER_UNIT = 3;
/** Numbers, lengths and ends of a recipient or header field. */
const BYTES_PER_ENTRY = 16;
/** A downstream with a few labels. */
const BYTES_PER_DOWNSTREAM = 1000;
const BYTES_OF_THE_REST = 20_000;

/**
 * Counts exactly only what could be too long.
 *
 * @param sizeOf answers the bytes the encoded request has
 * @throws SelectorError SELECTOR_REQUEST_TOO_LONG
 */
export function checkRequestSize(
  request: SelectRequest,
  headers: readonly SelectHeader[],
  sizeOf: () => number,
): void {
  if (mostBytes(request, headers) <= MAX_REQUEST_BYTES) return;
  const size = sizeOf();
  if (size <= MAX_REQUEST_BYTES) return;
  const { length } = request.envelope.recipients;
  throw new SelectorError(
    'SELECTOR_REQUEST_TOO_LONG',
    `The request for a message to ${length} recipients has ${size} bytes; a plugin is sent ${MAX_REQUEST_BYTES} at most.`,
  );
}

/** Never less than the request takes, short of labels beyond measure. */
function mostBytes(
  { envelope, message, downstreams }: SelectRequest,
  headers: readonly SelectHeader[],
): number {
  let units = message.subject.length + message.messageId.length + message.from.length;
  for (const { address, domain } of envelope.recipients) units += address.length + domain.length;
  for (const { name, value } of headers) units += name.length + value.length;
  const entries = envelope.recipients.length + headers.length;
  return (
    BYTES_OF_THE_REST +
    units * BYTES_PER_UNIT +
    entries * BYTES_PER_ENTRY +
    downstreams.length * BYTES_PER_DOWNSTREAM
  );
}
