/**
 * The router: the only place that knows every room and says who talks to whom.
 *
 *     listener → submission → delivery → relay → selection, downstream      events → log, metrics
 *
 * `startRouter` builds the rooms from one configuration, inside out, then lets mail in; what fails on
 * the way takes everything built so far down again. `drain` closes them in the opposite direction.
 */
import { randomFillSync } from 'node:crypto';
import { join } from 'node:path';
import { OrphanRegistry } from '@smtp-router/go-plugin/supervisor';
import { type Clock, systemClock } from './clock.ts';
import type { PluginConfig, RouterConfig, UserConfig } from './config/router-config.ts';
import { createAdminServer } from './control/admin-server.ts';
import type { RouterStatus, SendRequest, SendResult } from './control/control-message.ts';
import { openControlServer } from './control/control-server.ts';
import type { HttpServer } from './control/http-server.ts';
import { MailSender } from './control/mail-sender.ts';
import { StateDirectory } from './control/state-directory.ts';
import { downstreamStatusOf, pluginStateOf } from './control/status-part.ts';
import { Delivery } from './delivery/delivery.ts';
import type { HealthChange } from './downstream/health-watch.ts';
import type { BrokenSignature } from './downstream/outbound-rules.ts';
import { SmtpDownstream } from './downstream/smtp-downstream.ts';
import { RouterError } from './errors.ts';
import { EventHub } from './events/event-hub.ts';
import type { EventSink } from './events/event-sink.ts';
import { AddressSlots } from './listener/address-slots.ts';
import { ConnectionSlots } from './listener/connection-slots.ts';
import { listenError } from './listener/listen-error.ts';
import { NetworkList } from './listener/network-list.ts';
import { SmtpListener } from './listener/smtp-listener.ts';
import { TlsMaterial } from './listener/tls-material.ts';
import { BodyFiles } from './message/body-files.ts';
import type { BodyStorage } from './message/body-writer.ts';
import { IdSource } from './message/id-source.ts';
import { MemoryBudget } from './message/memory-budget.ts';
import { Relay, type RelayUser } from './relay/relay.ts';
import {
  connectionOptions,
  downstreamOptions,
  type Gatekeepers,
  maxConcurrentHashes,
  passwordUsers,
  pluginOptions,
  submissionOptions,
} from './router-options.ts';
import { RouterSecrets } from './router-secrets.ts';
import { createPluginSelection, type PluginSelection } from './selection/plugin-selection.ts';
import type { Selection } from './selection/selection.ts';
import { createStrategy } from './selection/strategy-by-name.ts';
import { createStrategySelection } from './selection/strategy-selection.ts';
import { GuessingBrake } from './submission/guessing-brake.ts';
import { PasswordAuthenticator } from './submission/password-authenticator.ts';
import { SenderPolicy } from './submission/sender-policy.ts';
import { createSubmissionHandler } from './submission/submission-handler.ts';
import { type HealthReport, livenessReport, readinessReport } from './telemetry/health.ts';
import { createLogSink, type LogSink } from './telemetry/log-sink.ts';
import { createMetrics, type Metrics } from './telemetry/metrics.ts';
import { routerVersion } from './version.ts';

/** What a test or an embedding program may replace. */
export interface RouterDeps {
  readonly clock?: Clock;
  /** Hear every event beside log and metrics. */
  readonly sinks?: readonly EventSink[];
  /** In place of the log the configuration asks for. */
  readonly log?: LogSink;
}

/** A running router. Whoever started it drains it. */
export interface RouterHandle {
  readonly addresses: RouterAddresses;
  status(): RouterStatus;
  /** One mail by the live path; rejects with `ROUTER_BAD_REQUEST` or `ROUTER_BAD_MESSAGE_FILE` before anything is sent. */
  send(request: SendRequest): Promise<SendResult>;
  /** Takes no new mail, lets transactions end within `shutdown_grace`, ends plugins. Idempotent, never rejects. */
  drain(): Promise<void>;
  /** Settles when everything is closed. */
  readonly closed: Promise<void>;
}

/** Where a router really listens, as `host:port`. */
export interface RouterAddresses {
  readonly listeners: readonly string[];
  /** Absent when off. */
  readonly admin?: string;
  /** Path of the control socket. */
  readonly control: string;
}

/**
 * Starts a router; it takes mail when the promise settles. A plugin that does not come up is no
 * failure: `status` tells, and its `on_failure` decides.
 *
 * Rejects with `ROUTER_ALREADY_RUNNING`, `ROUTER_STATE_DIR_UNUSABLE`, `ROUTER_CERTIFICATE_UNUSABLE`,
 * `ROUTER_ADDRESS_IN_USE` or `ROUTER_ADDRESS_UNUSABLE`; then nothing is left behind.
 */
export async function startRouter(config: RouterConfig, deps: RouterDeps = {}): Promise<RouterHandle> {
  const state = await StateDirectory.hold(config.stateDir);
  const router = new Router(config, state, deps);
  try {
    await router.open();
    return router;
  } catch (error) {
    await router.close();
    throw error;
  }
}

/** Part of the grace that messages may use; the rest is for telling clients how it ended. */
const BUDGET_SHARE = 0.8;

/** Any time will do: only that there is a timer keeps the process. */
const KEEP_ALIVE_MS = 60_000;

/** Longest wait for downstreams to answer QUIT. */
const GOODBYE_MS = 2000;

/** A plugin with what the configuration says about it. */
interface RunningPlugin {
  readonly config: PluginConfig;
  readonly selection: PluginSelection;
}

class Router implements RouterHandle {
  readonly closed: Promise<void>;
  readonly #config: RouterConfig;
  readonly #clock: Clock;
  readonly #state: StateDirectory;
  readonly #events = new EventHub();
  readonly #secrets: RouterSecrets;
  readonly #authenticator: PasswordAuthenticator;
  readonly #log: LogSink;
  readonly #storage: BodyStorage;
  readonly #metrics: Metrics;
  readonly #processes: OrphanRegistry;
  readonly #downstreams: ReadonlyMap<string, SmtpDownstream>;
  readonly #plugins: ReadonlyMap<string, RunningPlugin>;
  readonly #delivery: Delivery;
  readonly #sender: MailSender;
  /** Defined when a certificate is configured. */
  readonly #tlsMaterial: TlsMaterial | undefined;
  readonly #listeners: readonly SmtpListener[];
  readonly #startedAt: number;
  #admin: HttpServer | undefined;
  #control: HttpServer | undefined;
  #phase: RouterStatus['state'] = 'starting';
  #draining: Promise<void> | undefined;
  #closing: Promise<void> | undefined;
  readonly #sending = new Set<Promise<unknown>>();
  readonly #markClosed: () => void;
  /** Timers of the clock let a process end; before the first listener and after the last one, this does not. */
  #alive: NodeJS.Timeout | undefined;

  /** Builds the rooms; nothing is opened and nothing runs yet. */
  constructor(config: RouterConfig, state: StateDirectory, deps: RouterDeps) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.closed = promise;
    this.#markClosed = resolve;
    this.#config = config;
    this.#state = state;
    this.#clock = deps.clock ?? systemClock;
    this.#startedAt = this.#clock.wallTime();
    this.#secrets = this.#makeSecrets();
    this.#log = deps.log ?? createLogSink({ ...config.log, secrets: () => this.#secrets.forms });
    this.#storage = this.#makeStorage();
    this.#metrics = createMetrics({
      version: routerVersion(),
      hub: this.#events,
      storage: this.#storage,
    });
    for (const sink of [this.#log, this.#metrics.sink, ...(deps.sinks ?? [])]) this.#events.subscribe(sink);
    this.#processes = this.#makeProcesses();
    this.#downstreams = this.#makeDownstreams();
    this.#plugins = this.#makePlugins();
    this.#delivery = this.#makeDelivery();
    this.#sender = this.#makeSender();
    this.#tlsMaterial = this.#makeTlsMaterial();
    this.#authenticator = this.#makeAuthenticator();
    this.#listeners = this.#makeListeners();
  }

  get addresses(): RouterAddresses {
    const admin = this.#admin?.address;
    return {
      listeners: this.#listeners.map((listener) => listener.address.text),
      ...(admin !== undefined && { admin }),
      control: this.#state.controlSocket,
    };
  }

  status(): RouterStatus {
    const { listeners, admin } = this.addresses;
    return {
      version: routerVersion(),
      pid: process.pid,
      state: this.#phase,
      startedAt: this.#startedAt,
      config: this.#config.file,
      listeners,
      ...(admin !== undefined && { admin }),
      users: this.#config.users.size,
      plugins: [...this.#plugins.values()].map(({ selection }) => pluginStateOf(selection.status())),
      downstreams: [...this.#downstreams.values()].map((downstream) => downstreamStatusOf(downstream.view())),
    };
  }

  async send(request: SendRequest): Promise<SendResult> {
    if (this.#phase !== 'serving') {
      throw new RouterError('ROUTER_NOT_RUNNING', `The router is ${this.#phase} and takes no mail.`);
    }
    const sending = this.#sender.send(request);
    this.#sending.add(sending);
    try {
      return await sending;
    } finally {
      this.#sending.delete(sending);
    }
  }

  /** Opens from the inside out: whoever brings mail comes last. */
  async open(): Promise<void> {
    this.#alive = setInterval(() => {}, KEEP_ALIVE_MS);
    this.#enter('starting');
    await this.#storage.files.sweep();
    await this.#tlsMaterial?.load();
    await this.#processes.reap();
    await Promise.all([...this.#plugins.values()].map(({ selection }) => selection.start()));
    await this.#openAdmin();
    await this.#openControl();
    for (const listener of this.#listeners) await listener.listen();
    this.#secrets.open();
    this.#enter('serving');
  }

  drain(): Promise<void> {
    this.#draining ??= this.#drain();
    return this.#draining;
  }

  /** Closes at once what is open. Idempotent, never rejects. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #drain(): Promise<void> {
    const graceMs = this.#config.shutdownGraceMs;
    this.#enter('draining');
    this.#delivery.shrinkBudget(graceMs * BUDGET_SHARE);
    await Promise.all([
      ...this.#listeners.map((listener) => listener.drain(graceMs)),
      this.#within(graceMs, Promise.allSettled(this.#sending)),
    ]);
    await this.close();
  }

  async #close(): Promise<void> {
    this.#secrets.close();
    for (const listener of this.#listeners) listener.close();
    this.#tlsMaterial?.close();
    await Promise.allSettled([
      this.#control?.close(),
      this.#admin?.close(),
      ...[...this.#plugins.values()].map(({ selection }) => selection.close()),
      ...[...this.#downstreams.values()].map((downstream) => this.#sayGoodbye(downstream)),
    ]);
    await this.#storage.files.settled();
    this.#state.release();
    this.#enter('stopped');
    await this.#log.drained();
    clearInterval(this.#alive);
    this.#markClosed();
  }

  async #sayGoodbye(downstream: SmtpDownstream): Promise<void> {
    await this.#within(GOODBYE_MS, downstream.close());
    downstream.destroy();
  }

  /** Settles with the work or after the time, whichever comes first. */
  async #within(timeMs: number, work: Promise<unknown>): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const cancel = this.#clock.schedule(timeMs, resolve);
    await Promise.race([work, promise]);
    cancel();
  }

  #enter(state: RouterStatus['state']): void {
    this.#phase = state;
    this.#events.emit({ kind: 'router-state-changed', state });
  }

  /** Bodies of messages: memory for all of them together, and files for what does not fit. */
  #makeStorage(): BodyStorage {
    const files = new BodyFiles({
      directory: join(this.#config.stateDir, 'messages'),
      onFault: ({ code, message }) => this.#events.emit({ kind: 'storage-fault', code, message }),
    });
    return { budget: new MemoryBudget(this.#config.limits.memoryForMessagesBytes), files };
  }

  #makeSecrets(): RouterSecrets {
    return new RouterSecrets(this.#config, {
      clock: this.#clock,
      events: this.#events,
      users: {
        downstreamChanged: (name, password) => this.#downstreams.get(name)?.renewPassword(password),
        userChanged: (email, password) => this.#authenticator.renewPassword(email, password),
      },
    });
  }

  /** Remembers plugin processes across a kill of this one. */
  #makeProcesses(): OrphanRegistry {
    return new OrphanRegistry({
      path: join(this.#config.stateDir, 'plugins.json'),
      onError: (error) => this.#reportFault('record of plugin processes', error),
      clock: this.#clock,
    });
  }

  #makeDownstreams(): ReadonlyMap<string, SmtpDownstream> {
    const used = new Set([...this.#config.users.values()].flatMap((user) => user.downstreams));
    const downstreams = new Map<string, SmtpDownstream>();
    for (const [name, downstream] of this.#config.downstreams) {
      if (!used.has(name)) continue;
      const onHealth = (change: HealthChange): void =>
        this.#events.emit({ kind: 'downstream-state-changed', downstream: name, ...change });
      const onBrokenSignature = (broken: BrokenSignature): void =>
        this.#events.emit({ kind: 'signature-broken', downstream: name, ...broken });
      const callbacks = { onHealth, onBrokenSignature };
      const options = { ...downstreamOptions(downstream, this.#config), clock: this.#clock, ...callbacks };
      downstreams.set(name, new SmtpDownstream(options));
    }
    return downstreams;
  }

  /** One process for each plugin that some user chose. */
  #makePlugins(): ReadonlyMap<string, RunningPlugin> {
    const plugins = new Map<string, RunningPlugin>();
    for (const { selector } of this.#config.users.values()) {
      const config = this.#config.selectors.get(selector);
      if (config?.kind !== 'plugin' || plugins.has(selector)) continue;
      const options = {
        ...pluginOptions(config, this.#config, this.#secrets.downstreamPasswords),
        events: this.#events,
        registry: this.#processes,
        clock: this.#clock,
      };
      plugins.set(selector, { config, selection: createPluginSelection(options) });
    }
    return plugins;
  }

  #makeDelivery(): Delivery {
    const users = new Map<string, RelayUser>();
    for (const user of this.#config.users.values()) users.set(user.email, this.#relayUser(user));
    const relay = new Relay({ users, events: this.#events, clock: this.#clock });
    return new Delivery({
      relay,
      budgetMs: this.#config.relayBudgetMs,
      ambiguous: this.#config.ambiguous,
      events: this.#events,
      clock: this.#clock,
    });
  }

  #relayUser(user: UserConfig): RelayUser {
    const downstreams = user.downstreams.flatMap((name) => this.#downstreams.get(name) ?? []);
    return { selection: this.#selectionOf(user), downstreams };
  }

  /** Plugins are shared; a strategy has its own state for each user. */
  #selectionOf({ selector: name }: UserConfig): Selection {
    const plugin = this.#plugins.get(name);
    if (plugin !== undefined) return plugin.selection;
    const config = this.#config.selectors.get(name);
    const strategy = config?.kind === 'strategy' ? config.strategy : 'in-order';
    return createStrategySelection({ name, selector: createStrategy(strategy), clock: this.#clock });
  }

  #makeSender(): MailSender {
    const ids = this.#makeIds();
    return new MailSender({
      hostname: this.#config.hostname,
      users: this.#config.users,
      intake: this.#delivery,
      events: this.#events,
      nextMessageId: () => ids.next(),
      clock: this.#clock,
    });
  }

  #makeAuthenticator(): PasswordAuthenticator {
    const hashing = { maxConcurrentHashes: maxConcurrentHashes(process.env), clock: this.#clock };
    return new PasswordAuthenticator(passwordUsers(this.#config), hashing);
  }

  #makeGatekeepers(): Gatekeepers {
    return {
      authenticator: this.#authenticator,
      brake: new GuessingBrake(this.#clock),
      senders: new SenderPolicy(this.#config.users.values()),
      storage: this.#storage,
    };
  }

  #makeTlsMaterial(): TlsMaterial | undefined {
    const files = this.#config.tls;
    return files && new TlsMaterial({ files, events: this.#events, clock: this.#clock });
  }

  #makeListeners(): readonly SmtpListener[] {
    const gatekeepers = this.#makeGatekeepers();
    const slots = new ConnectionSlots(this.#config.limits.connections);
    const addressSlots = new AddressSlots(this.#config.limits.connectionsPerAddress);
    const ids = this.#makeIds();
    return this.#config.listen.map((listen) => {
      const submission = { ...submissionOptions(listen, this.#config, gatekeepers), clock: this.#clock };
      const handler = createSubmissionHandler(submission, this.#delivery, this.#events);
      const options = {
        host: listen.host,
        port: listen.port,
        slots,
        addressSlots,
        ...(listen.proxyProtocolFrom.length > 0 && { balancers: new NetworkList(listen.proxyProtocolFrom) }),
        connection: connectionOptions(listen, this.#config, this.#tlsMaterial),
        nextSessionId: () => ids.next(),
        clock: this.#clock,
      };
      return new SmtpListener(options, handler, this.#events);
    });
  }

  #makeIds(): IdSource {
    return new IdSource({ clock: this.#clock, random: (bytes) => void randomFillSync(bytes) });
  }

  async #openControl(): Promise<void> {
    this.#control = await openControlServer({
      socketPath: this.#state.controlSocket,
      maxMessageBytes: this.#config.limits.messageSizeBytes,
      status: () => this.status(),
      send: (request) => this.send(request),
      onFault: (error) => this.#reportFault('control socket', error),
    });
  }

  async #openAdmin(): Promise<void> {
    const { admin } = this.#config;
    if (admin === undefined) return;
    const server = createAdminServer({
      ...admin,
      liveness: () => this.#liveness(),
      readiness: () => this.#readiness(),
      metrics: this.#metrics,
      onFault: (error) => this.#reportFault('admin address', error),
    });
    try {
      await server.listen();
    } catch (error) {
      throw listenError(`${admin.host}:${admin.port}`, error as NodeJS.ErrnoException);
    }
    this.#admin = server;
  }

  /** How late the event loop is, is seen by asking it. */
  async #liveness(): Promise<HealthReport> {
    const askedAt = this.#clock.now();
    await new Promise((resolve) => setImmediate(resolve));
    return livenessReport({ eventLoopDelayMs: this.#clock.now() - askedAt });
  }

  #readiness(): HealthReport {
    return readinessReport({
      state: this.#phase,
      listeners: this.#listeners.map(({ address, isListening }) => ({ address: address.text, isListening })),
      plugins: [...this.#plugins.values()].map(({ config, selection }) => ({
        name: config.name,
        isReady: selection.status().state === 'ready',
        isNeeded: config.onFailure === 'tempfail',
      })),
      downstreams: [...this.#downstreams.values()].map((downstream) => ({
        name: downstream.name,
        isUp: downstream.view().state === 'up',
      })),
    });
  }

  #reportFault(where: string, error: unknown): void {
    this.#events.emit({
      kind: 'internal-fault',
      where,
      message: error instanceof Error ? error.message : String(error),
    });
  }
}
