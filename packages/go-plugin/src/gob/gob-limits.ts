/** Bounds on what a peer may make us hold; Go's own are 8 GiB and 10 000 levels (encoding/gob decoder.go). */
export interface GobLimits {
  /** Bytes of one message, and of one value that is cut into several. Checked before buffering. */
  readonly maxMessageBytes: number;
  /** Levels of nesting, in a value sent or received. */
  readonly maxDepth: number;
  /** Types one stream may define. */
  readonly maxTypes: number;
  /** Struct fields all definitions of a stream may have together. */
  readonly maxFields: number;
  /**
   * Values one decoded value may consist of, counting elements, fields and the zero values filled in
   * for what was omitted: without it a few bytes could unfold to gigabytes of zeros.
   */
  readonly maxValues: number;
}

export const DEFAULT_GOB_LIMITS: GobLimits = {
  maxMessageBytes: 1_048_576,
  maxDepth: 256,
  maxTypes: 1024,
  maxFields: 16_384,
  maxValues: 1_048_576,
};
