/**
 * A downstream reached by SMTP, over kept connections.
 *
 * An attempt takes a turn at the pool, runs its transaction on a kept connection or a new one, and
 * gives the connection back when the engine is ready again. A kept connection may have died unseen:
 * when it does so, says 421 or says nothing before MAIL was answered, nothing has happened yet, and
 * the transaction is run once more on a new connection without anybody's blame. After silence the new
 * one has to be made soon: then it is the network that is silent.
 *
 * When the downstream goes down, whoever waits for a turn or a connection is sent on at once.
 */

import type { DownstreamCapabilities, DownstreamView } from '@smtp-router/selector/contract';
import type { SmtpExtensions } from '@smtp-router/smtp/client';
import { type Clock, systemClock } from '../clock.ts';
import type { Message } from '../message/message.ts';
import { AttemptLimit } from './attempt-limit.ts';
import type { AttemptEnd, AttemptReport, AttemptRequest, FailedEnd } from './attempt-report.ts';
import { ConnectionPool, type PoolTurn } from './connection-pool.ts';
import { CredentialMask } from './credential-mask.ts';
import type { Downstream } from './downstream.ts';
import { DownstreamConnection } from './downstream-connection.ts';
import type { DownstreamOptions, DownstreamTimeouts } from './downstream-options.ts';
import { type HealthChange, type HealthVerdict, HealthWatch } from './health-watch.ts';
import { LatencyAverage } from './latency-average.ts';
import { chooseMailParameters } from './mail-parameters.ts';
import { runTransaction, type TransactionResult } from './mail-transaction.ts';
import { type Candidacy, OutboundRules } from './outbound-rules.ts';
import { probeVerdict } from './probe-verdict.ts';
import { openSession } from './session-opening.ts';
import { TrustedAuthorities } from './trusted-authorities.ts';

const IDLE_CLOSE_MS = 60_000;
const RESET_AFTER_IDLE_MS = 30_000;
const KEPT_SILENCE_MS = 3_000;
const SECOND_CONNECT_MS = 1_500;
/** A downstream that takes longer to let the router in is not well. */
const PROBE_LIMIT_MS = 30_000;

export class SmtpDownstream implements Downstream {
  readonly name: string;
  readonly maxRecipients: number;
  #options: DownstreamOptions;
  readonly #clock: Clock;
  readonly #label: string;
  readonly #authorities: TrustedAuthorities;
  readonly #pool: ConnectionPool<DownstreamConnection>;
  /** Every connection whose socket is not closed yet. */
  readonly #connections = new Set<DownstreamConnection>();
  readonly #mask: CredentialMask;
  readonly #latency = new LatencyAverage();
  readonly #health: HealthWatch;
  readonly #timeouts: TimeoutsByUse;
  /** Undefined where the configuration has none: then a request goes out as it is. */
  readonly #rules: OutboundRules | undefined;
  /** What was offered on the newest connection. */
  #extensions: SmtpExtensions | undefined;
  #inFlight = 0;
  #isDestroyed: boolean = false;

  constructor(options: DownstreamOptions) {
    this.name = options.name;
    this.maxRecipients = options.maxRecipients ?? Number.POSITIVE_INFINITY;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#label = options.name === options.addr ? options.name : `${options.name} (${options.addr})`;
    this.#rules = OutboundRules.of(this.#label, options);
    this.#authorities = new TrustedAuthorities(options.caFile);
    this.#mask = new CredentialMask(options.credentials);
    this.#timeouts = timeoutsByUse(options);
    this.#pool = new ConnectionPool({ maxConnections: options.maxConnections, clock: this.#clock });
    this.#health = new HealthWatch({
      clock: this.#clock,
      probe: () => this.#probe(),
      onChange: (change) => this.#healthChanged(change),
    });
  }

  get state(): DownstreamView['state'] {
    return this.#health.state;
  }

  view(): DownstreamView {
    const { name, addr, credentials, weight, labels, cost } = this.#options;
    const latencyMs = this.#latency.valueMs;
    return {
      id: name,
      addr,
      user: credentials?.username ?? '',
      weight,
      labels,
      cost: cost ?? 0,
      hasCost: cost !== undefined,
      capabilities: capabilities(this.#extensions),
      state: this.#health.state,
      latencyMs: latencyMs ?? 0,
      hasLatency: latencyMs !== undefined,
      inFlight: this.#inFlight,
    };
  }

  objection(candidacy: Candidacy): FailedEnd | undefined {
    return this.#rules?.objection(candidacy);
  }

  obstacle(candidacy: Candidacy): FailedEnd | undefined {
    const objection = this.#rules?.objection(candidacy);
    if (objection !== undefined || this.#extensions === undefined) return objection;
    const message = this.outgoing(candidacy.message);
    const verdict = chooseMailParameters(message, this.#extensions, this.#label);
    if (verdict.kind === 'possible') return undefined;
    return { kind: 'failed', phase: 'mail', code: verdict.code, message: verdict.message };
  }

  outgoing(message: Message): Message {
    return this.#rules?.foreseen(message) ?? message;
  }

  async attempt(request: AttemptRequest): Promise<AttemptReport> {
    const startedAt = this.#clock.wallTime();
    const begunAt = this.#clock.now();
    const objection = this.#rules?.objection(request);
    if (objection !== undefined) return { startedAt, durationMs: 0, recipientReplies: [], end: objection };
    this.#inFlight += 1;
    const limit = new AttemptLimit(this.#clock, request.deadlineAt, request.signal);
    const result = this.#mask.result(await this.#run(this.#rules?.outbound(request) ?? request, limit));
    this.#inFlight -= 1;
    const { recipientReplies, end } = result;
    return { startedAt, durationMs: this.#clock.now() - begunAt, recipientReplies, end };
  }

  judged(verdict: HealthVerdict): void {
    this.#health.judged(verdict);
  }

  /**
   * Another password for the same login, from the next connection on. Refused credentials are tried
   * again at once. Without effect on a downstream without a login.
   */
  renewPassword(password: string): void {
    if (this.#options.credentials === undefined) return;
    const credentials = { ...this.#options.credentials, password };
    this.#options = { ...this.#options, credentials };
    this.#mask.add(credentials);
    this.#health.secretChanged();
  }

  async close(): Promise<void> {
    this.#health.close();
    for (const connection of this.#pool.close()) connection.leave();
    while (this.#connections.size > 0) {
      await Promise.all([...this.#connections].map(({ closed }) => closed));
    }
  }

  destroy(): void {
    this.#isDestroyed = true;
    this.#health.close();
    this.#pool.close();
    for (const connection of this.#connections) connection.destroy();
  }

  #run(request: AttemptRequest, limit: AttemptLimit): Promise<TransactionResult> {
    const turn = this.#pool.take(limit);
    if (!(turn instanceof Promise)) return this.#runTurn(turn, request, limit);
    return turn.then((late) => this.#runTurn(late, request, limit));
  }

  #runTurn(
    turn: PoolTurn<DownstreamConnection>,
    request: AttemptRequest,
    limit: AttemptLimit,
  ): Promise<TransactionResult> {
    switch (turn.kind) {
      case 'granted':
        return this.#runOnKept(turn.connection, request, limit);
      case 'too-late':
        return this.#notRun('ROUTER_BUDGET_ENDED', 'had no free connection in time');
      case 'turned-away':
        return this.#notRun('ROUTER_DOWNSTREAM_DOWN', 'went down');
      case 'closed':
        return Promise.resolve(this.#closedResult());
    }
  }

  #notRun(code: string, what: string): Promise<TransactionResult> {
    return Promise.resolve(notBegun(code, `Downstream ${this.#label} ${what}.`));
  }

  /** On a new connection when there was no kept one, or it turned out to be dead: nothing has happened. */
  async #runOnKept(
    connection: DownstreamConnection | undefined,
    request: AttemptRequest,
    limit: AttemptLimit,
  ): Promise<TransactionResult> {
    if (connection === undefined) return this.#runOnNew(request, limit, this.#timeouts.fresh);
    const restedMs = connection.wakeUp();
    connection.setLimit(limit);
    if (restedMs > (this.#options.resetAfterIdleMs ?? RESET_AFTER_IDLE_MS)) {
      connection.reset();
      if (!(await connection.untilReady())) return this.#runAgain(failureOf(connection), request, limit);
    }
    const begunAt = this.#clock.now();
    const result = await runTransaction(connection, request);
    if (!isStale(result.end)) {
      this.#transacted(connection, result.end, begunAt);
      return result;
    }
    connection.destroy();
    return this.#runAgain(result.end, request, limit);
  }

  #runAgain(end: AttemptEnd, request: AttemptRequest, limit: AttemptLimit): Promise<TransactionResult> {
    return this.#runOnNew(request, limit, isSilence(end) ? this.#timeouts.second : this.#timeouts.fresh);
  }

  async #runOnNew(
    request: AttemptRequest,
    limit: AttemptLimit,
    timeouts: DownstreamTimeouts,
  ): Promise<TransactionResult> {
    if (this.#isDestroyed) return this.#closedResult();
    const connection = this.#newConnection(timeouts);
    const opening = { authorities: this.#authorities, downstream: this.#options };
    if (!(await openSession(connection, opening, limit))) {
      this.#pool.giveUp();
      return notOpened(connection);
    }
    this.#extensions = connection.extensions;
    const begunAt = this.#clock.now();
    const result = await runTransaction(connection, request);
    this.#transacted(connection, result.end, begunAt);
    return result;
  }

  /** Connection, TLS, login and QUIT on a connection of its own: no message is ever risked for it. */
  async #probe(): Promise<ReturnType<typeof probeVerdict>> {
    if (this.#isDestroyed) return undefined;
    const connection = this.#newConnection(this.#timeouts.fresh);
    const opening = { authorities: this.#authorities, downstream: this.#options };
    const limit = new AttemptLimit(this.#clock, this.#clock.now() + PROBE_LIMIT_MS);
    const isOpen = await openSession(connection, opening, limit);
    if (isOpen) connection.leave();
    return isOpen ? undefined : probeVerdict(this.#mask.result(notOpened(connection)).end);
  }

  #closedResult(): TransactionResult {
    return notBegun('ROUTER_DOWNSTREAM_CLOSED', `Downstream ${this.#label} takes no more messages.`);
  }

  #transacted(connection: DownstreamConnection, end: AttemptEnd, begunAt: number): void {
    if (end.kind === 'replied' && end.phase === 'dot') this.#latency.add(this.#clock.now() - begunAt);
    connection.setLimit(undefined);
    const isReady = connection.readyNow();
    if (isReady !== undefined) this.#giveBack(connection, isReady);
    else void connection.untilReady().then((isReadyLate) => this.#giveBack(connection, isReadyLate));
  }

  /** Ends the turn: the engine is ready for the next transaction, or never will be. */
  #giveBack(connection: DownstreamConnection, isReady: boolean): void {
    if (!isReady || connection.transactions >= this.#options.maxMessagesPerConnection) {
      connection.leave();
      this.#pool.giveUp();
      return;
    }
    connection.rest(this.#options.idleCloseMs ?? IDLE_CLOSE_MS);
    if (!this.#pool.keep(connection)) connection.leave();
  }

  /** Those who wait would only find the same; a kept connection is as doubtful as a new one. */
  #healthChanged(change: HealthChange): void {
    if (change.state === 'down') {
      for (const connection of this.#pool.turnAway()) connection.leave();
      for (const connection of this.#connections) connection.cutConnecting();
    }
    this.#options.onHealth?.(change);
  }

  #newConnection(timeouts: DownstreamTimeouts): DownstreamConnection {
    const connection = new DownstreamConnection({
      label: this.#label,
      clock: this.#clock,
      timeouts,
      keptTimeouts: this.#timeouts.kept,
      onRetired: (retired) => this.#pool.forget(retired),
    });
    this.#connections.add(connection);
    void connection.closed.then(() => this.#connections.delete(connection));
    return connection;
  }
}

/** Time-outs of a connection, by why it is used. */
interface TimeoutsByUse {
  readonly fresh: DownstreamTimeouts;
  /** Instead of a kept one that was silent. */
  readonly second: DownstreamTimeouts;
  readonly kept: DownstreamTimeouts;
}

function timeoutsByUse({ timeouts, keptSilenceMs, secondConnectMs }: DownstreamOptions): TimeoutsByUse {
  const connectMs = Math.min(timeouts.connectMs, secondConnectMs ?? SECOND_CONNECT_MS);
  const mailMs = Math.min(timeouts.mailMs, keptSilenceMs ?? KEPT_SILENCE_MS);
  return { fresh: timeouts, second: { ...timeouts, connectMs }, kept: { ...timeouts, mailMs } };
}

/** Died, was told that it is closed, or fell silent before MAIL was answered. */
function isStale(end: AttemptEnd): boolean {
  if (end.kind === 'withheld' || (end.phase !== 'mail' && end.phase !== 'rset')) return false;
  if (end.reply !== undefined) return end.reply.code === 421;
  return end.kind === 'failed' && (end.code === 'ROUTER_CONNECTION_LOST' || isSilence(end));
}

function isSilence(end: AttemptEnd): boolean {
  return end.kind === 'failed' && end.code === 'ROUTER_REPLY_TIMEOUT';
}

function notBegun(code: string, message: string): TransactionResult {
  return { recipientReplies: [], end: { kind: 'failed', phase: 'connect', code, message } };
}

function notOpened(connection: DownstreamConnection): TransactionResult {
  return { recipientReplies: [], end: failureOf(connection) };
}

function failureOf(connection: DownstreamConnection): AttemptEnd {
  return (
    connection.failure ?? {
      kind: 'failed',
      phase: connection.phase,
      code: 'ROUTER_INTERNAL',
      message: `Downstream ${connection.label} ended without a reason.`,
    }
  );
}

function capabilities(extensions: SmtpExtensions | undefined): DownstreamCapabilities {
  return {
    known: extensions !== undefined,
    maxSizeBytes: extensions?.maxSizeBytes ?? 0,
    has8bitMime: extensions?.has8bitMime ?? false,
    hasSmtpUtf8: extensions?.hasSmtpUtf8 ?? false,
    hasDsn: extensions?.hasDsn ?? false,
    hasChunking: extensions?.hasChunking ?? false,
  };
}
