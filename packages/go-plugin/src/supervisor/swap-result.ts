import type { PluginFailure } from './plugin-failure.ts';

/** What came of a request to swap. */
export type SwapResult =
  /** The newcomer serves. */
  | {
      readonly kind: 'swapped';
      /** The process that served before; absent when none did. */
      readonly from?: number;
      /** The process that serves now. */
      readonly pid: number;
      readonly sha256?: string;
      /** From the look at the files to the switch. */
      readonly durationMs: number;
    }
  /** The files are those the serving process was started from; nothing was done. */
  | { readonly kind: 'unchanged' }
  /** The newcomer came to nothing; whatever served before still does. */
  | { readonly kind: 'failed'; readonly failure: PluginFailure };

/** How far a swap is: looking at the files, starting the newcomer, trying it. */
export type SwapPhase = 'preparing' | 'starting' | 'trying';

/** What an operator asks about swaps: a snapshot, counted since `start()`. */
export interface SwapStatus {
  /** Of the swap under way. */
  readonly phase?: SwapPhase;
  readonly swapped: number;
  readonly failed: number;
  /** Milliseconds since 1970 of the last switch. */
  readonly swappedAt?: number;
  /** Why the last newcomer came to nothing; absent once one succeeded. */
  readonly lastFailure?: PluginFailure;
}
