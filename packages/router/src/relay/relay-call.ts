import type { Attempt } from '../message/outcome.ts';
import type { StopSignal } from '../stop-signal.ts';

/** How one explanation is to be made. */
export interface ExplainCall extends RelayCall {
  /** True = ask a selector that changes its state even then. */
  readonly isAskedAnyway: boolean;
}

/** How one relaying is to be done. */
export interface RelayCall {
  /** 1 for the first try of a message. */
  readonly attempt: number;
  /** In `Clock.now()` time. Cuts every phase before the final dot, selection included; not the wait after it. */
  readonly deadlineAt: number;
  /**
   * True without a spool: every recipient gets the message by one transaction, or nobody does. A
   * decision for several routes is then answered without touching a downstream.
   */
  readonly isAllOrNothing: boolean;
  /**
   * True with a spool: a downstream that is not well is not asked, even when nobody else is left, because
   * the message can wait. Default false.
   */
  readonly isHealthNeeded?: boolean;
  /** Name of the one downstream that may be asked: another one could deliver a second time. */
  readonly only?: string;
  /** Attempts of the message before this call; selectors are told. */
  readonly history?: readonly Attempt[];
  /** Told of each attempt as it ends. */
  readonly onAttempt?: (attempt: Attempt) => void;
  /** Stopped = every phase before the final dot ends now, as if the deadline had come. */
  readonly signal?: StopSignal | undefined;
}
