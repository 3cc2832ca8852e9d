/** The argument of BDAT (RFC 3030 §2): how much content follows the command, and whether it is the last. */

/** One BDAT command. */
export interface ChunkCommand {
  /** Bytes of content right behind the CRLF of the command. Exact: at most `Number.MAX_SAFE_INTEGER`. */
  readonly sizeBytes: number;
  /** The message ends with this chunk. */
  readonly isLast: boolean;
}

/** Beyond 20 digits nobody means a size (RFC 1870 §4 has the same limit for SIZE). */
const CHUNK_ARGUMENT = /^([0-9]{1,20})( +LAST)?$/i;

/**
 * chunk-size [ SP end-marker ]; chunk-size = 1*DIGIT, end-marker = "LAST". Undefined when malformed, or
 * when the size is too large to be counted: then nobody can tell where the next command begins.
 */
export function parseChunkCommand(argument: string): ChunkCommand | undefined {
  const match = CHUNK_ARGUMENT.exec(argument);
  const sizeBytes = Number(match?.[1]);
  if (!Number.isSafeInteger(sizeBytes)) return undefined;
  return { sizeBytes, isLast: match?.[2] !== undefined };
}

/** `BDAT 4711 LAST`, without CRLF. */
export function formatChunkCommand({ sizeBytes, isLast }: ChunkCommand): string {
  return `BDAT ${sizeBytes}${isLast ? ' LAST' : ''}`;
}
