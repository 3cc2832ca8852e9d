/**
 * A configured selector as `relay` uses it: asked, checked, and with its `on_failure` applied, so that
 * there always is an answer to act on.
 */
import type { SelectReply, SelectRequest } from '@smtp-router/selector/contract';
import type { SelectionRecord } from '../message/selection-record.ts';

/** One selector of the configuration. Whoever made it closes it. */
export interface Selection {
  /** Name from the configuration. */
  readonly name: string;
  /**
   * True = asking changes its state even in a dry run, since its contract has no word for that. It is then
   * not asked: `on_failure` answers, with SELECTOR_NO_DRY_RUN. Absent = false.
   */
  readonly ignoresDryRun?: boolean;
  /** Never rejects: a fault of the selector is in the record of the decision. */
  select(request: SelectRequest): Promise<SelectionDecision>;
  /** Ends what belongs to the selector, a plugin process for instance. Idempotent. */
  close(): Promise<void>;
}

/** What is to be done with a message, and who said so. */
export interface SelectionDecision {
  /** Valid for the request: ids known, every recipient in one route. `defer` when nobody is to be tried. */
  readonly reply: SelectReply;
  readonly record: SelectionRecord;
}
