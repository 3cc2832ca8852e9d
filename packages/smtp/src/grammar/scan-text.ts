import { PlainTextScan } from './plain-text-scan.ts';
import { SIMD_SCANNER, SimdTextScan } from './simd-text-scan.ts';
import type { TextScan } from './text-scan.ts';

/** In a chunk of fewer bytes the copy that WebAssembly needs does not pay. */
const FEW_BYTES = 96;

/** The fastest scan for a chunk. */
export function scanText(bytes: Uint8Array): TextScan {
  if (SIMD_SCANNER === undefined || bytes.length < FEW_BYTES) return new PlainTextScan(bytes);
  return new SimdTextScan(SIMD_SCANNER, bytes);
}
