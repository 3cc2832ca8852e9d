/**
 * When content leaves with its envelope, by BDAT in the same write (RFC 3030): it saves the round trip from
 * DATA to 354. Only for one recipient, since a refused one among several would need the content held back,
 * and only for content that fits into the buffers of a connection, since nobody waits for the peer to read.
 */
import type { SmtpExtensions } from '@smtp-router/smtp/client';
import { measureCanonical } from '@smtp-router/smtp/grammar';
import type { AttemptRequest } from './attempt-report.ts';

/** Larger content gains nothing: sending it takes longer than the round trip. */
const MAX_CHUNK_BYTES = 65_536;

/** The content of a message as one chunk. */
export interface ChunkContent {
  /** Exactly what the pieces hold. */
  readonly sizeBytes: number;
  readonly pieces: readonly Uint8Array[];
}

/** Undefined = by DATA. Throws `SMTP_CONTENT_NOT_CANONICAL`. */
export function chunkContent(request: AttemptRequest, extensions: SmtpExtensions): ChunkContent | undefined {
  if (!(extensions.hasChunking && extensions.hasPipelining)) return undefined;
  const { body } = request.message;
  if (request.recipients.length !== 1 || body.sizeBytes > MAX_CHUNK_BYTES) return undefined;
  const pieces = body.read();
  if (Symbol.asyncIterator in pieces) return undefined;
  return { sizeBytes: measureCanonical(pieces), pieces };
}
