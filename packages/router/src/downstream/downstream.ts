/**
 * One configured downstream as `relay` sees it: something that can be described to a selector and
 * asked to take a message. It reports what was said and where; judging is the caller's.
 */
import type { DownstreamView } from '@smtp-router/selector/contract';
import type { Message } from '../message/message.ts';
import type { AttemptReport, AttemptRequest, FailedEnd } from './attempt-report.ts';
import type { HealthVerdict } from './health-watch.ts';
import type { Candidacy } from './outbound-rules.ts';

/** A next-hop SMTP server. Whoever created it closes it. */
export interface Downstream {
  /** Name of the configuration; unique among the downstreams of a router. */
  readonly name: string;
  /** What selectors are told right now. Holds no password. */
  view(): DownstreamView;
  /** The same as in `view`, alone. */
  readonly state: DownstreamView['state'];
  /** Most recipients of one transaction; infinite without a limit. */
  readonly maxRecipients: number;
  /** Why it would not even be asked, by its own configuration: what `attempt` then ends with at once. */
  objection(candidacy: Candidacy): FailedEnd | undefined;
  /** The same, and what is foreseen from the extensions it offered last: it would be passed over without a blame. */
  obstacle(candidacy: Candidacy): FailedEnd | undefined;
  /** The message as it would go out: under another sender where the configuration says so, else itself. */
  outgoing(message: Message): Message;
  /** One mail transaction, on a kept connection when there is one. Never rejects. */
  attempt(request: AttemptRequest): Promise<AttemptReport>;
  /** What the blame table made of an attempt; moves the health that `view` shows. */
  judged(verdict: HealthVerdict): void;
  /**
   * Takes no further attempts, lets those under way end, says QUIT on idle connections. Settles when
   * every connection is gone. Idempotent.
   */
  close(): Promise<void>;
  /** Cuts every connection at once; an attempt past its dot then has no answer. Idempotent. */
  destroy(): void;
}
