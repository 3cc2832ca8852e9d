/**
 * What becomes of mail that a spool is behind of: rounds are settled, the settled is stored, senders are told.
 * Shared by new mail (`spooling-intake.ts`) and mail that is tried again (`spool-runner.ts`).
 */
import type { Clock } from '../clock.ts';
import { RouterError } from '../errors.ts';
import type { EventSink } from '../events/event-sink.ts';
import type { Message } from '../message/message.ts';
import type { RelayResult } from '../relay/relay-result.ts';
import type { Claim, DueRecipient, LedgerEntry, SpoolStore } from '../spool/spool-store.ts';
import { type Bounce, type BounceOptions, composeBounce, type ReportedMail } from './bounce.ts';
import type { RetrySchedule } from './delivery-policy.ts';
import type { AmbiguousPolicy } from './reply-to-client.ts';
import { type FailedRecipient, type Round, settleRound } from './settle-round.ts';

export interface SpooledMailOptions {
  readonly store: SpoolStore;
  readonly events: EventSink;
  readonly clock: Clock;
  readonly ambiguous: AmbiguousPolicy;
  readonly retry: RetrySchedule;
  readonly bounces: BounceOptions;
  /** Ids of reports. */
  readonly nextId: () => string;
}

/** A claim that is to be settled by a round. */
export interface ClaimedRound {
  readonly claim: Claim;
  readonly mail: ReportedMail;
  readonly recipients: readonly DueRecipient[];
  readonly result: RelayResult;
  readonly ageMs: number;
}

/** A store that is away for a moment must not cost what a downstream has just said. */
const SETTLE_TRIES = 5;
const SETTLE_PAUSE_MS = 1_000;

export class SpooledMail {
  readonly store: SpoolStore;
  readonly #options: SpooledMailOptions;
  /** Faults of a kind are told once, until it works again. */
  readonly #told = new Set<string>();

  constructor(options: SpooledMailOptions) {
    this.store = options.store;
    this.#options = options;
  }

  settle(message: Pick<Message, 'envelope'>, round: RoundInput): Round {
    const { ambiguous, retry } = this.#options;
    const isReport = message.envelope.reversePath.address === '';
    const { outcomes, verdict } = round.result;
    const { recipients, ageMs } = round;
    return settleRound({ recipients, outcomes, verdict, ageMs, isReport, ambiguous, retry });
  }

  /** A report of the failed; `none` when nobody is to be told. */
  bounceFor(mail: ReportedMail, failed: readonly FailedRecipient[]): Bounce {
    const { bounces: options, nextId, clock } = this.#options;
    return composeBounce({ mail, failed, id: nextId(), now: clock.wallTime(), options });
  }

  entry({ selection, attempts }: RelayResult): LedgerEntry {
    return { at: this.#options.clock.wallTime(), selection, attempts };
  }

  /** Records what a round led to, with a report in the same commit. Never rejects: an unsettled claim ends by itself. */
  async settleClaim(round: ClaimedRound): Promise<void> {
    const { settled, failed } = this.settle(round.mail, round);
    const bounce = failed.length === 0 ? undefined : this.bounceFor(round.mail, failed);
    const settlement = {
      recipients: settled,
      entry: this.entry(round.result),
      isLast: true,
      ...(bounce?.kind === 'report' && { also: { message: bounce.message } }),
    };
    if (!(await this.#persist(() => this.store.settle(round.claim, settlement)))) return;
    const count = (kind: string): number => settled.filter((one) => one.kind === kind).length;
    this.#options.events.emit({
      kind: 'spooled-message-tried',
      messageId: round.mail.id,
      user: round.mail.session.user,
      ageMs: round.ageMs,
      delivered: count('delivered'),
      deferred: count('deferred'),
      failed: count('failed'),
      held: count('held'),
      ...(bounce?.kind === 'report' && { reportId: bounce.message.id }),
      ...(bounce?.kind === 'none' && { unreported: bounce.reason }),
    });
  }

  /** False from a fault of the store until it is used again without one. */
  get isWorking(): boolean {
    return this.#told.size === 0;
  }

  /** Tells of a fault of the store, once until `works`. */
  reportFault(error: unknown): void {
    const { code, message } =
      error instanceof RouterError ? error : { code: 'ROUTER_INTERNAL', message: String(error) };
    if (this.#told.has(code)) return;
    this.#told.add(code);
    this.#options.events.emit({ kind: 'spool-fault', code, message });
  }

  works(): void {
    if (this.#told.size > 0) this.#told.clear();
  }

  async #persist(work: () => Promise<unknown>): Promise<boolean> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await work();
        this.works();
        return true;
      } catch (error) {
        this.reportFault(error);
        const isClosed = error instanceof RouterError && error.code === 'ROUTER_SPOOL_CLOSED';
        if (isClosed || attempt === SETTLE_TRIES) return false;
        await new Promise<void>((resolve) => this.#options.clock.schedule(SETTLE_PAUSE_MS, resolve));
      }
    }
  }
}

type RoundInput = Pick<ClaimedRound, 'recipients' | 'result' | 'ageMs'>;

/** New recipients, as a store would tell of them. */
export function freshRecipients({ envelope }: Pick<Message, 'envelope'>): readonly DueRecipient[] {
  return envelope.forwardPaths.map(({ id }) => ({ id, deferrals: 0, waitedMs: 0 }));
}
