/**
 * New mail of users with a spool behind them. What a downstream takes within the budget is answered with its
 * word, as without a spool; what nobody took is on stable storage before the client hears 250.
 *
 * When the budget ends while a downstream owes the answer to its dot, the message is stored under a claim
 * of ours, the client hears 250, and the connection is waited for: its late answer settles the record. So
 * at most one attempt for a recipient is past its dot, and no client waits longer than the budget.
 */
import type { SmtpReply } from '@smtp-router/smtp/grammar';
import type { Clock } from '../clock.ts';
import { RouterError } from '../errors.ts';
import type { Message } from '../message/message.ts';
import type { Attempt, Outcome } from '../message/outcome.ts';
import type { MessageRelay } from '../relay/message-relay.ts';
import type { RelayCall } from '../relay/relay-call.ts';
import type { RelayResult } from '../relay/relay-result.ts';
import type { NewSpoolMessage, PutResult, Settlement } from '../spool/spool-store.ts';
import { reportedMail } from './bounce.ts';
import { keepLease, LEASE_MS } from './lease-keeper.ts';
import type { Round } from './settle-round.ts';
import { freshRecipients, type SpooledMail } from './spooled-mail.ts';

/** What came of new mail. */
export interface IntakeResult {
  /** Absent = what was relayed says it all; the reply follows from it. */
  readonly reply?: SmtpReply;
  readonly result?: RelayResult;
}

export interface SpoolingIntakeOptions {
  readonly relay: MessageRelay;
  readonly mail: SpooledMail;
  readonly clock: Clock;
  /** There is something to be tried. */
  readonly onSpooled: () => void;
}

/** Attempts cut by the budget need a moment to say so. */
const CUT_MS = 250;

export class SpoolingIntake {
  readonly #options: SpoolingIntakeOptions;
  /** Those whose late answer is waited for. */
  readonly #awaiting = new Set<Promise<void>>();

  constructor(options: SpoolingIntakeOptions) {
    this.#options = options;
  }

  /** Settles when no late answer is waited for. */
  async settled(): Promise<void> {
    await Promise.all(this.#awaiting);
  }

  /** Mode `spool`. Never rejects. */
  async spool(message: Message): Promise<IntakeResult> {
    const refusal = await this.#put({ message });
    return { reply: refusal ?? spooledReply(message.id) };
  }

  /** Mode `sync_then_spool`. Rejects only for defects. */
  async relay(message: Message, call: RelayCall): Promise<IntakeResult> {
    const attempts: Attempt[] = [];
    const onAttempt = (attempt: Attempt): void => void attempts.push(attempt);
    const relaying = this.#options.relay.relay(message, { ...call, onAttempt });
    const result = await this.#withinBudget(relaying, call);
    if (result !== undefined) return this.#answer(message, result);
    const isStored = await this.#await(message, relaying, attempts);
    return isStored ? { reply: spooledReply(message.id) } : this.#answer(message, await relaying);
  }

  /** Undefined = it takes longer: somebody owes the answer to a dot. */
  #withinBudget(
    relaying: Promise<RelayResult>,
    { deadlineAt, signal }: RelayCall,
  ): Promise<RelayResult | undefined> {
    const { clock } = this.#options;
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        cancel();
        signal?.offStop(onStop);
      };
      const late = (): void => {
        settle();
        resolve(undefined);
      };
      const onStop = (): void => void clock.schedule(CUT_MS, late);
      const cancel = clock.schedule(Math.max(0, deadlineAt - clock.now()) + CUT_MS, late);
      signal?.onStop(onStop);
      relaying.then(
        (result) => {
          settle();
          resolve(result);
        },
        (error: unknown) => {
          settle();
          reject(error);
        },
      );
    });
  }

  async #answer(message: Message, result: RelayResult): Promise<IntakeResult> {
    const round = this.#firstRound(message, result);
    if (isTold(round)) return { result };
    const refusal = await this.#store(message, round, result);
    return { reply: refusal ?? spooledReply(message.id), result };
  }

  /**
   * What the client would hear of such a result, or without one of mail that is spooled at once, if there is
   * room for it. Undefined = what was relayed says it all. Stores nothing.
   */
  foreseenReply(message: Message, result?: RelayResult): SmtpReply | undefined {
    const isSaid = result !== undefined && isTold(this.#firstRound(message, result));
    return isSaid ? undefined : spooledReply(message.id);
  }

  #firstRound(message: Message, result: RelayResult): Round {
    const recipients = freshRecipients(message);
    return this.#options.mail.settle(message, { recipients, result, ageMs: 0 });
  }

  /** The message first: a report without it would be a lie, the other way round the client sends again. */
  async #store(message: Message, round: Round, result: RelayResult): Promise<SmtpReply | undefined> {
    const { mail } = this.#options;
    const isOwed = round.settled.some(({ kind }) => kind === 'deferred' || kind === 'held');
    if (isOwed) {
      const settlement = { recipients: round.settled, entry: mail.entry(result) };
      const refusal = await this.#put({ message, settlement });
      if (refusal !== undefined) return refusal;
    }
    if (round.failed.length === 0) return undefined;
    const bounce = mail.bounceFor(reportedMail(message), round.failed);
    return bounce.kind === 'report' ? this.#put({ message: bounce.message }) : undefined;
  }

  /** False = it could not be stored; then there is nothing but to wait with the client. */
  async #await(
    message: Message,
    relaying: Promise<RelayResult>,
    attempts: readonly Attempt[],
  ): Promise<boolean> {
    const { mail } = this.#options;
    const reported = reportedMail(message);
    const settlement = this.#settledSoFar(message, attempts);
    const claim = await mail.store.put({ message, settlement, leaseMs: LEASE_MS }).then(
      (put: PutResult) => (put.kind === 'stored' ? put.claim : undefined),
      (error: unknown) => mail.reportFault(error),
    );
    if (claim === undefined) return false;
    const release = keepLease(claim, mail.store, this.#options.clock);
    const open = freshRecipients(message).filter(({ id }) => !isSettled(settlement, id));
    const waiting = relaying
      .then((result) => mail.settleClaim({ claim, mail: reported, recipients: open, result, ageMs: 0 }))
      .catch((error: unknown) => mail.reportFault(error))
      .finally(() => {
        release();
        this.#awaiting.delete(waiting);
        this.#options.onSpooled();
      });
    this.#awaiting.add(waiting);
    return true;
  }

  /** Recipients of other routes may have been delivered already. */
  #settledSoFar(message: Message, attempts: readonly Attempt[]): Omit<Settlement, 'isLast'> {
    const delivered = new Map<number, Outcome>();
    for (const { recipientIds, outcomes } of attempts) {
      for (const [index, id] of recipientIds.entries()) {
        const outcome = outcomes[index];
        if (outcome?.kind === 'delivered') delivered.set(id, outcome);
      }
    }
    const recipients = freshRecipients(message).filter(({ id }) => delivered.has(id));
    const selection = { selector: '', decidedBy: 'selector', reason: '', routes: [], durationMs: 0 } as const;
    const result: RelayResult = { selection, attempts: [], outcomes: delivered };
    const { settled } = this.#options.mail.settle(message, { recipients, result, ageMs: 0 });
    return { recipients: settled };
  }

  /** Undefined = it is on stable storage; else what the client hears. */
  async #put(message: NewSpoolMessage): Promise<SmtpReply | undefined> {
    const { mail, onSpooled } = this.#options;
    try {
      await mail.store.put(message);
      mail.works();
      onSpooled();
      return undefined;
    } catch (error) {
      mail.reportFault(error);
      return error instanceof RouterError && error.code === 'ROUTER_SPOOL_FULL' ? SPOOL_FULL : SPOOL_FAILED;
    }
  }
}

/** All delivered, or all refused: the client hears it, nobody owes anything. */
function isTold({ settled }: Round): boolean {
  const isSame = (kind: string): boolean => settled.every((one) => one.kind === kind);
  return isSame('delivered') || isSame('failed');
}

function isSettled({ recipients }: Omit<Settlement, 'isLast'>, id: number): boolean {
  return recipients.some(({ recipientId }) => recipientId === id);
}

function spooledReply(messageId: string): SmtpReply {
  return { code: 250, enhancedCode: '2.0.0', lines: [`Ok: spooled, id ${messageId}`] };
}

/** RFC 5321 §4.2.3. */
const SPOOL_FULL: SmtpReply = {
  code: 452,
  enhancedCode: '4.3.1',
  lines: ['No room to keep the message, try again later'],
};
const SPOOL_FAILED: SmtpReply = {
  code: 451,
  enhancedCode: '4.3.0',
  lines: ['The message could not be kept, try again later'],
};
