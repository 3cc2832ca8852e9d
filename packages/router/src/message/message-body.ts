/**
 * Content of a message: canonical lines ended by CRLF, dots not stuffed, the router's own trace
 * header already in front. Replayable: every reader starts at the first byte.
 */
export interface MessageBody {
  readonly sizeBytes: number;
  /** True when a byte above 127 occurs: then BODY=8BITMIME is needed (RFC 6152). */
  readonly has8bit: boolean;
  /**
   * Pieces in order. A body in memory answers an array, a body on disk an async iterable; pieces are
   * never modified and stay valid until `release`.
   */
  read(): readonly Uint8Array[] | AsyncIterable<Uint8Array>;
  /** The header section including the empty line, cut at 64 KiB. */
  readonly headerSection: Uint8Array;
  /** Gives memory or file back; idempotent. */
  release(): void;
}
