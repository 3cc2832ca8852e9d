/** Questions of generation 2 and their answers, whatever carries them. */
import type { GobStructType } from '@smtp-router/go-plugin/gob';
import type { CallOptions } from '@smtp-router/go-plugin/host';

/** One call of the contract. Types are those of `wire`, which stand for both encodings. */
export interface QuestionV2 {
  readonly method: string;
  readonly type: GobStructType;
  /** What an `encode…V2` function made for `type`. */
  readonly value: unknown;
  /** What the answer must be. */
  readonly replyType: GobStructType;
}

/** One plugin on one transport. */
export interface ExchangeV2 {
  /**
   * Resolves to the answer in the shape of `replyType`. Rejects with `PluginError` as the transport does, with
   * `SelectorError` SELECTOR_REPLY_SHAPE or SELECTOR_REPLY_TOO_LONG for an answer that is none.
   */
  ask(question: QuestionV2, call: CallOptions): Promise<unknown>;
  /** Bytes the question takes. */
  sizeOf(question: QuestionV2): number;
  close(): void;
}
