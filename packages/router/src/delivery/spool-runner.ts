/**
 * Tries spooled mail again when it is due: the same way as new mail, with a selection of its own that is told
 * what happened before.
 *
 * It never has more in hand than half of what the downstreams take at a time, so that new mail keeps the other half.
 * From little it goes up with every delivery, and down with trouble, so that a downstream that has
 * just come back is not run over.
 */
import type { CancelTimer, Clock } from '../clock.ts';
import type { Message } from '../message/message.ts';
import type { Attempt, Outcome } from '../message/outcome.ts';
import type { MessageRelay } from '../relay/message-relay.ts';
import type { RelayCall } from '../relay/relay-call.ts';
import type { RelayResult } from '../relay/relay-result.ts';
import type { ClaimedMessage, LedgerEntry } from '../spool/spool-store.ts';
import { StopSignal } from '../stop-signal.ts';
import { reportedMail } from './bounce.ts';
import { keepLease, LEASE_MS } from './lease-keeper.ts';
import type { AmbiguousPolicy } from './reply-to-client.ts';
import { WAITING } from './settle-round.ts';
import type { SpooledMail } from './spooled-mail.ts';

export interface SpoolRunnerOptions {
  readonly relay: MessageRelay;
  readonly mail: SpooledMail;
  readonly clock: Clock;
  readonly ambiguous: AmbiguousPolicy;
  /** Most messages in hand; 1 at least. */
  readonly maxConcurrent: number;
}

const FIRST_CONCURRENT = 4;
/** Most of one claim. */
const CLAIM_LIMIT = 64;
/** Until when a try may begin its last dot; there is no client whose patience counts. */
const TRY_MS = 10 * 60_000;
/** Whoever may have it already is the only one asked for so long. */
const SAME_DOWNSTREAM_MS = 15 * 60_000;
/** Another router may have put something, or died; notifications may be lost. */
const POLL_MS = 15_000;
const SOONEST_MS = 25;
const AFTER_FAULT_MS = 1_000;

export class SpoolRunner {
  readonly #options: SpoolRunnerOptions;
  readonly #ending = new StopSignal();
  readonly #running = new Set<Promise<void>>();
  #limit: number;
  #cancelTimer: CancelTimer = () => {};
  #isClaiming: boolean = false;
  #isWanted: boolean = false;
  #isStopped: boolean = false;

  constructor(options: SpoolRunnerOptions) {
    this.#options = options;
    this.#limit = Math.min(FIRST_CONCURRENT, options.maxConcurrent);
  }

  /** From now on what is due is tried. */
  start(): void {
    this.#options.mail.store.onDue(() => this.poke());
    this.poke();
  }

  /** Something may be due. */
  poke(): void {
    if (this.#isStopped) return;
    if (this.#isClaiming) this.#isWanted = true;
    else void this.#fill();
  }

  /** A downstream is well again: what waited for one is due. */
  async downstreamIsUp(): Promise<void> {
    if (this.#isStopped) return;
    try {
      await this.#options.mail.store.change('retry', { reason: WAITING.trim() });
      this.poke();
    } catch (error) {
      this.#options.mail.reportFault(error);
    }
  }

  /** Claims nothing more. */
  stop(): void {
    this.#isStopped = true;
    this.#cancelTimer();
  }

  /** Ends every try that is before its dot; settles when all have ended. */
  async end(): Promise<void> {
    this.stop();
    this.#ending.stop();
    await Promise.all(this.#running);
  }

  async #fill(): Promise<void> {
    this.#isClaiming = true;
    this.#isWanted = false;
    this.#cancelTimer();
    const { mail } = this.#options;
    try {
      let isMore = true;
      while (isMore && !this.#isStopped && this.#running.size < this.#limit) {
        const limit = Math.min(CLAIM_LIMIT, this.#limit - this.#running.size);
        const claimed = await mail.store.claim({ limit, leaseMs: LEASE_MS });
        for (const one of claimed) this.#begin(one);
        isMore = claimed.length === limit;
      }
      mail.works();
      if (!isMore) this.#wakeIn((await mail.store.nextDueInMs()) ?? POLL_MS);
    } catch (error) {
      mail.reportFault(error);
      this.#wakeIn(AFTER_FAULT_MS);
    } finally {
      this.#isClaiming = false;
    }
    if (this.#isWanted) this.poke();
  }

  #wakeIn(delayMs: number): void {
    if (this.#isStopped) return;
    const soon = Math.min(POLL_MS, Math.max(SOONEST_MS, delayMs));
    this.#cancelTimer = this.#options.clock.schedule(soon, () => this.poke());
  }

  #begin(claimed: ClaimedMessage): void {
    const running = this.#try(claimed).finally(() => {
      claimed.message.body.release();
      this.#running.delete(running);
      if (this.#running.size <= this.#limit / 2) this.poke();
    });
    this.#running.add(running);
  }

  /** Never rejects: what went wrong with us is told, and the claim ends by itself. */
  async #try(claimed: ClaimedMessage): Promise<void> {
    const { mail, clock, ambiguous } = this.#options;
    const release = keepLease(claimed, mail.store, clock);
    try {
      const isInDoubt = claimed.isRecovered && ambiguous === 'at_most_once';
      const result = isInDoubt ? inDoubt(claimed) : await this.#relay(claimed);
      if (this.#ending.isStopped && isCut(result)) {
        await mail.store.settle(claimed, { recipients: [], isLast: true });
        return;
      }
      this.#learn(result);
      const { due: recipients, ageMs, message } = claimed;
      await mail.settleClaim({ claim: claimed, mail: reportedMail(message), recipients, result, ageMs });
    } catch (error) {
      mail.reportFault(error);
    } finally {
      release();
    }
  }

  /** One relaying for all, but for those that may only go where they may be already. */
  async #relay(claimed: ClaimedMessage): Promise<RelayResult> {
    const { message, due, attempts } = claimed;
    const bound = boundRecipients(attempts, this.#options.clock.wallTime());
    const groups = new Map<string | undefined, Set<number>>();
    for (const { id } of due) {
      const only = bound.get(id);
      const group = groups.get(only) ?? new Set();
      groups.set(only, group.add(id));
    }
    const call = this.#callFor(claimed);
    const results = await Promise.all(
      [...groups].map(([only, ids]) =>
        this.#options.relay.relay(narrowed(message, ids), { ...call, ...(only !== undefined && { only }) }),
      ),
    );
    return results.length === 1 && results[0] !== undefined ? results[0] : joined(results);
  }

  #callFor(claimed: ClaimedMessage): RelayCall {
    const { attempts, due } = claimed;
    return {
      attempt: attempts.length + 1,
      deadlineAt: this.#options.clock.now() + TRY_MS,
      isAllOrNothing: false,
      isHealthNeeded: true,
      history: attempts.flatMap((entry) => entry.attempts),
      signal: this.#ending,
      // With one recipient the round says it just as soon.
      ...(due.length > 1 && {
        onAttempt: (attempt: Attempt) => void this.#recordDelivered(claimed, attempt),
      }),
    };
  }

  /** What was delivered is recorded at once: other routes may take long, and a crash must not send it again. */
  async #recordDelivered(
    claimed: ClaimedMessage,
    { downstreamId, recipientIds, outcomes }: Attempt,
  ): Promise<void> {
    const recipients = recipientIds
      .filter((_, index) => outcomes[index]?.kind === 'delivered')
      .map((recipientId) => ({ recipientId, kind: 'delivered', downstreamId, reason: '250' }) as const);
    if (recipients.length === 0) return;
    try {
      await this.#options.mail.store.settle(claimed, { recipients, isLast: false });
    } catch {
      // The round settles it once more.
    }
  }

  #learn({ outcomes }: RelayResult): void {
    for (const outcome of outcomes.values()) {
      if (outcome.kind === 'delivered') this.#limit = Math.min(this.#options.maxConcurrent, this.#limit * 2);
      else if (outcome.blame === 'network' || outcome.blame === 'throttle')
        this.#limit = Math.max(1, this.#limit / 2);
      return;
    }
  }
}

/** Nobody was asked, because the router ends: it is due at once when somebody starts again. */
function isCut({ outcomes }: RelayResult): boolean {
  return [...outcomes.values()].every((one) => one.kind === 'deferred' && one.blame === 'router');
}

/** Recipients whose last answer was lost a short while ago, and where. */
function boundRecipients(entries: readonly LedgerEntry[], now: number): ReadonlyMap<number, string> {
  const bound = new Map<number, string>();
  for (const { at, attempts } of entries) {
    for (const { downstreamId, recipientIds, outcomes } of attempts) {
      for (const [index, id] of recipientIds.entries()) {
        const isLost = outcomes[index]?.kind === 'ambiguous';
        if (isLost && now - at < SAME_DOWNSTREAM_MS) bound.set(id, downstreamId);
      }
    }
  }
  return bound;
}

function narrowed(message: Message, ids: ReadonlySet<number>): Message {
  const forwardPaths = message.envelope.forwardPaths.filter(({ id }) => ids.has(id));
  return { ...message, envelope: { ...message.envelope, forwardPaths } };
}

function joined(results: readonly RelayResult[]): RelayResult {
  const [first] = results;
  if (first === undefined) throw new Error('a claim without recipients');
  return {
    selection: first.selection,
    attempts: results.flatMap(({ attempts }) => attempts),
    outcomes: new Map(results.flatMap(({ outcomes }) => [...outcomes])),
  };
}

/** Its router ended with the message in hand: it may have been delivered, and must not be twice. */
function inDoubt({ due }: ClaimedMessage): RelayResult {
  const outcome: Outcome = {
    kind: 'ambiguous',
    phase: 'dot',
    blame: 'router',
    message: 'the router that had it in hand ended.',
  };
  const selection = { selector: '', decidedBy: 'selector', reason: '', routes: [], durationMs: 0 } as const;
  return { selection, attempts: [], outcomes: new Map(due.map(({ id }) => [id, outcome])) };
}
