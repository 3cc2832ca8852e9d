/**
 * The room that answers for a message: relays it and turns what came of it into the one reply the
 * client gets. Without a spool nothing is owed after that reply: 250 means every recipient was
 * delivered, everything else that the sender still has the message. With one, 250 may also mean that
 * it is on stable storage here, and is delivered later or reported.
 */
import type { SmtpReply } from '@smtp-router/smtp/grammar';
import { type Clock, systemClock } from '../clock.ts';
import type { EventSink } from '../events/event-sink.ts';
import type { MessageEnded } from '../events/router-event.ts';
import type { Message } from '../message/message.ts';
import type { MessageRelay } from '../relay/message-relay.ts';
import type { ExplainCall, RelayCall } from '../relay/relay-call.ts';
import type { RelayForecast } from '../relay/relay-forecast.ts';
import type { RelayResult } from '../relay/relay-result.ts';
import { StopSignal } from '../stop-signal.ts';
import type { DeliveryMode } from './delivery-policy.ts';
import type { MessageIntake } from './message-intake.ts';
import { type AmbiguousPolicy, replyToClient } from './reply-to-client.ts';
import type { IntakeResult, SpoolingIntake } from './spooling-intake.ts';

/** How messages are delivered. */
export interface DeliveryOptions {
  readonly relay: MessageRelay;
  /** From the client's dot; cuts only what happens before a downstream's dot. */
  readonly budgetMs: number;
  readonly events: EventSink;
  /** Default `at_least_once`. */
  readonly ambiguous?: AmbiguousPolicy;
  readonly clock?: Clock;
  /** Absent = nothing is kept, whatever the mode of a user. */
  readonly spooling?: SpoolingOptions;
}

/** For whom there is a spool, and how it is used. */
export interface SpoolingOptions {
  readonly intake: SpoolingIntake;
  /** By user; absent = `sync`. */
  readonly modes: ReadonlyMap<string, DeliveryMode>;
}

/** How a message is to be explained. */
export type ExplainOptions = Pick<ExplainCall, 'isAskedAnyway'>;

/** What would become of a message. */
export interface DeliveryForecast extends RelayForecast {
  /** What the client would hear, if there is room to keep what is kept; absent when that is for a downstream to say. */
  readonly reply?: SmtpReply;
}

/** Takes messages from submission. Releases no body: submission does, once the client has its reply. */
export class Delivery implements MessageIntake {
  readonly #options: DeliveryOptions;
  readonly #clock: Clock;
  readonly #ending = new StopSignal();
  /** No message may go on before its dot beyond this moment; infinite until the router drains. */
  #lastDeadlineAt = Number.POSITIVE_INFINITY;

  constructor(options: DeliveryOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  /** Relays and answers; `message-ended` is reported exactly once. Never rejects. */
  async accept(message: Message): Promise<SmtpReply> {
    const startedAt = this.#clock.now();
    const mode = this.#options.spooling?.modes.get(message.session.user);
    if (mode !== undefined && mode !== 'sync') return this.#acceptWithSpool(message, mode, startedAt);
    let result: RelayResult | undefined;
    try {
      result = await this.#relay(message, startedAt);
    } catch (error) {
      this.#reportDefect(message, error);
    }
    const reply = result === undefined ? INTERNAL_FAULT : this.#replyTo(message, result);
    this.#options.events.emit(messageEnded(message, result, reply, this.#clock.now() - startedAt));
    return reply;
  }

  async #acceptWithSpool(message: Message, mode: DeliveryMode, startedAt: number): Promise<SmtpReply> {
    let taken: IntakeResult = {};
    try {
      taken = await this.#take(message, mode, startedAt);
    } catch (error) {
      this.#reportDefect(message, error);
    }
    const { result } = taken;
    const reply = taken.reply ?? (result === undefined ? INTERNAL_FAULT : this.#replyTo(message, result));
    const isSpooled = taken.reply !== undefined && reply.code < 300;
    const ended = messageEnded(message, result, reply, this.#clock.now() - startedAt);
    this.#options.events.emit(isSpooled ? { ...ended, result: 'spooled' } : ended);
    return reply;
  }

  async #take(message: Message, mode: DeliveryMode, startedAt: number): Promise<IntakeResult> {
    const intake = this.#options.spooling?.intake;
    if (intake === undefined) return {};
    if (mode === 'spool') return intake.spool(message);
    return intake.relay(message, this.#callFor(message, startedAt, mode));
  }

  /** What `accept` would do with the message now, as far as that is not for a downstream to say. Sends nothing. */
  async explain(message: Message, { isAskedAnyway }: ExplainOptions): Promise<DeliveryForecast> {
    const mode = this.#options.spooling?.modes.get(message.session.user) ?? 'sync';
    const call = this.#callFor(message, this.#clock.now(), mode);
    const forecast = await this.#options.relay.explain(message, { ...call, isAskedAnyway });
    const reply = this.#foreseenReply(message, forecast, mode);
    return reply === undefined ? forecast : { ...forecast, reply };
  }

  /** Undefined = it is for a downstream to say. */
  #foreseenReply(message: Message, { result }: RelayForecast, mode: DeliveryMode): SmtpReply | undefined {
    const intake = mode === 'sync' ? undefined : this.#options.spooling?.intake;
    if (mode === 'spool') return intake?.foreseenReply(message);
    if (result === undefined) return undefined;
    return intake?.foreseenReply(message, result) ?? this.#replyTo(message, result);
  }

  /**
   * The router is stopping: messages under way and new ones have at most `remainingMs` until the dot
   * of a downstream.
   */
  shrinkBudget(remainingMs: number): void {
    this.#lastDeadlineAt = this.#clock.now() + remainingMs;
    this.#clock.schedule(remainingMs, () => this.#ending.stop());
  }

  #relay(message: Message, startedAt: number): Promise<RelayResult> {
    return this.#options.relay.relay(message, this.#callFor(message, startedAt));
  }

  /** With a spool parts may be delivered, and nobody who is not well has to be asked. */
  #callFor(message: Message, startedAt: number, mode: DeliveryMode = 'sync'): RelayCall {
    const call = {
      attempt: 1,
      deadlineAt: Math.min(startedAt + this.#options.budgetMs, this.#lastDeadlineAt),
      signal: this.#ending,
    };
    return mode === 'sync'
      ? { ...call, isAllOrNothing: message.envelope.forwardPaths.length > 1 }
      : { ...call, isAllOrNothing: false, isHealthNeeded: true };
  }

  #reportDefect(message: Message, error: unknown): void {
    this.#options.events.emit({
      kind: 'internal-fault',
      where: `delivery: relaying message ${message.id}`,
      message: error instanceof Error ? error.message : String(error),
    });
  }

  #replyTo(message: Message, { outcomes, verdict }: RelayResult): SmtpReply {
    return replyToClient({
      messageId: message.id,
      recipientIds: message.envelope.forwardPaths.map((recipient) => recipient.id),
      outcomes,
      verdict,
      ambiguous: this.#options.ambiguous ?? 'at_least_once',
    });
  }
}

const INTERNAL_FAULT: SmtpReply = {
  code: 451,
  enhancedCode: '4.3.0',
  lines: ['Internal fault, try again later'],
};

function messageEnded(
  message: Message,
  result: RelayResult | undefined,
  reply: SmtpReply,
  durationMs: number,
): MessageEnded {
  return {
    kind: 'message-ended',
    sessionId: message.session.sessionId,
    messageId: message.id,
    user: message.session.user,
    mailFrom: message.envelope.reversePath.address,
    recipients: message.envelope.forwardPaths.map((recipient) => recipient.path.address),
    sizeBytes: message.body.sizeBytes,
    result: resultOf(reply),
    replyCode: reply.code,
    replyText: textOf(reply),
    durationMs,
    selection: result?.selection,
    attempts: result?.attempts ?? [],
  };
}

function textOf({ enhancedCode, lines }: SmtpReply): string {
  const text = lines.length === 1 ? (lines[0] ?? '') : lines.join(' ');
  return enhancedCode === undefined ? text : `${enhancedCode} ${text}`;
}

function resultOf(reply: SmtpReply): MessageEnded['result'] {
  if (reply.code < 300) return 'relayed';
  return reply.code < 500 ? 'deferred' : 'failed';
}
