/**
 * A scan of one chunk of content, for as long as the chunk does not change: within one call of whoever
 * reads it. Whole lines pass without a look at each byte, which lets content pass at memory speed.
 */
export interface TextScan {
  /**
   * From a position that is no LF behind a CR to the first byte that must be looked at: NUL, a CR or LF
   * alone, or the CR of a line end that a dot or the end of the chunk follows. The length of the chunk
   * when there is none. May stop earlier, but never behind a CR.
   */
  skip(start: number): number;
}
