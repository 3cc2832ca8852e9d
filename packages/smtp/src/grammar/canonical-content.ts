/**
 * Content that leaves unstuffed, in a chunk of stated size (BDAT, RFC 3030), passes no dot-stuffer; what
 * that one refuses is refused here. Works on bytes; the result does not depend on how content is cut.
 */
import { SmtpProtocolError } from '../errors.ts';
import { ChunkReader } from './chunk-reader.ts';

/**
 * The size of the content in bytes: exactly what the pieces hold. Throws `SMTP_CONTENT_NOT_CANONICAL` for
 * a CR or LF alone, by which somebody could smuggle a second message past the downstream.
 */
export function measureCanonical(pieces: readonly Uint8Array[]): number {
  const reader = new ChunkReader();
  for (const piece of pieces) {
    reader.begin(piece.length);
    reader.read(piece);
  }
  reader.finish();
  if (reader.fault === 'bare-cr' || reader.fault === 'bare-lf') {
    throw new SmtpProtocolError('SMTP_CONTENT_NOT_CANONICAL', 'Content to be sent holds a bare CR or LF.');
  }
  return reader.sizeBytes;
}
