/**
 * Numbers of ours in the range of their field: whole, cut at its ends, 0 for what is no number. A
 * selection never fails for a figure that is out of range.
 */
const UINT32_MAX = 0xffff_ffff;

export function uint32(value: number): number {
  return value > 0 ? Math.min(Math.round(value), UINT32_MAX) : 0;
}

/** A uint64 both sides can hold exactly: 0 … 2^53 - 1. */
export function uint53(value: number): number {
  return value > 0 ? Math.min(Math.round(value), Number.MAX_SAFE_INTEGER) : 0;
}

export function int64(value: number): number {
  return value < 0 ? -uint53(-value) : uint53(value);
}
