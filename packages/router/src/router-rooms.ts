/**
 * The rooms of a router, made from one configuration, inside out: those that bring mail come last. Nothing
 * is opened and nothing runs; `router.ts` does that.
 */
import { randomFillSync } from 'node:crypto';
import { join } from 'node:path';
import { ExecutableStore, OrphanRegistry } from '@smtp-router/go-plugin/supervisor';
import type { SelectRequest } from '@smtp-router/selector/contract';
import { type Clock, systemClock } from './clock.ts';
import type { PluginConfig, RouterConfig, UserConfig } from './config/router-config.ts';
import type { HandInOptions } from './control/handed-in-message.ts';
import { MailExplainer } from './control/mail-explainer.ts';
import { MailSender } from './control/mail-sender.ts';
import { Delivery } from './delivery/delivery.ts';
import type { HealthChange } from './downstream/health-watch.ts';
import type { BrokenSignature } from './downstream/outbound-rules.ts';
import { SmtpDownstream } from './downstream/smtp-downstream.ts';
import { EventHub } from './events/event-hub.ts';
import type { EventSink } from './events/event-sink.ts';
import { AddressSlots } from './listener/address-slots.ts';
import { ConnectionSlots } from './listener/connection-slots.ts';
import { NetworkList } from './listener/network-list.ts';
import { SmtpListener } from './listener/smtp-listener.ts';
import { TlsMaterial } from './listener/tls-material.ts';
import { BodyFiles } from './message/body-files.ts';
import type { BodyStorage } from './message/body-writer.ts';
import { IdSource } from './message/id-source.ts';
import { MemoryBudget } from './message/memory-budget.ts';
import { OneTimerClock } from './one-timer-clock.ts';
import { Relay, type RelayUser } from './relay/relay.ts';
import {
  connectionOptions,
  downstreamOptions,
  type Gatekeepers,
  maxConcurrentHashes,
  passwordUsers,
  pluginFiles,
  pluginOptions,
  submissionOptions,
} from './router-options.ts';
import { RouterSecrets } from './router-secrets.ts';
import { makeSpoolRooms, REPORTS_USER, type SpoolRooms } from './router-spool.ts';
import { createPluginSelection, type PluginSelection } from './selection/plugin-selection.ts';
import { sampleRequest } from './selection/sample-request.ts';
import type { Selection } from './selection/selection.ts';
import { createStrategy } from './selection/strategy-by-name.ts';
import { createStrategySelection } from './selection/strategy-selection.ts';
import { GuessingBrake } from './submission/guessing-brake.ts';
import { PasswordAuthenticator } from './submission/password-authenticator.ts';
import { SenderPolicy } from './submission/sender-policy.ts';
import { createSubmissionHandler } from './submission/submission-handler.ts';
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

/** A plugin with what the configuration says about it. */
export interface RunningPlugin {
  readonly config: PluginConfig;
  readonly selection: PluginSelection;
}

/** Every room, knowing those it talks to. Whoever made them opens and closes what can be. */
export class RouterRooms {
  readonly events = new EventHub();
  readonly clock: Clock;
  readonly secrets: RouterSecrets;
  readonly log: LogSink;
  readonly storage: BodyStorage;
  readonly metrics: Metrics;
  readonly processes: OrphanRegistry;
  readonly executables: ExecutableStore;
  /** Those that some user may send by, by name. */
  readonly downstreams: ReadonlyMap<string, SmtpDownstream>;
  /** Those that some user chose, by name. */
  readonly plugins: ReadonlyMap<string, RunningPlugin>;
  /** Undefined when off. */
  readonly spool: SpoolRooms | undefined;
  readonly delivery: Delivery;
  readonly sender: MailSender;
  readonly explainer: MailExplainer;
  /** Defined when a certificate is configured. */
  readonly tlsMaterial: TlsMaterial | undefined;
  readonly listeners: readonly SmtpListener[];
  readonly #config: RouterConfig;
  /** For rooms that set timers for every message. */
  readonly #mailClock: Clock;
  readonly #authenticator: PasswordAuthenticator;
  readonly #senders: SenderPolicy;

  constructor(config: RouterConfig, deps: RouterDeps) {
    this.#config = config;
    this.clock = deps.clock ?? systemClock;
    this.#mailClock = new OneTimerClock(this.clock);
    this.secrets = this.#makeSecrets();
    this.log = deps.log ?? createLogSink({ ...config.log, secrets: () => this.secrets.forms });
    this.storage = this.#makeStorage();
    this.metrics = createMetrics({ version: routerVersion(), hub: this.events, storage: this.storage });
    for (const sink of [this.log, this.metrics.sink, ...(deps.sinks ?? [])]) this.events.subscribe(sink);
    this.processes = this.#makeProcesses();
    this.executables = new ExecutableStore(join(config.stateDir, 'plugins'));
    this.downstreams = this.#makeDownstreams();
    this.plugins = this.#makePlugins();
    const relay = this.#makeRelay();
    this.spool = makeSpoolRooms(config, { ...this, clock: this.#mailClock, relay, nextId: this.#nextId() });
    if (this.spool !== undefined) this.metrics.watchSpool(this.spool.store, () => this.clock.now());
    this.delivery = this.#makeDelivery(relay);
    this.#senders = new SenderPolicy(config.users.values());
    this.sender = new MailSender({ ...this.#handIn(), intake: this.delivery, events: this.events });
    this.explainer = this.#makeExplainer();
    this.tlsMaterial = this.#makeTlsMaterial();
    this.#authenticator = this.#makeAuthenticator();
    this.listeners = this.#makeListeners();
  }

  /** A defect, or trouble with something of ours that costs nobody a message. */
  reportFault(where: string, error: unknown): void {
    this.events.emit({
      kind: 'internal-fault',
      where,
      message: error instanceof Error ? error.message : String(error),
    });
  }

  /** Bodies of messages: memory for all of them together, and files for what does not fit. */
  #makeStorage(): BodyStorage {
    const files = new BodyFiles({
      directory: join(this.#config.stateDir, 'messages'),
      onFault: ({ code, message }) => this.events.emit({ kind: 'storage-fault', code, message }),
    });
    return { budget: new MemoryBudget(this.#config.limits.memoryForMessagesBytes), files };
  }

  #makeSecrets(): RouterSecrets {
    return new RouterSecrets(this.#config, {
      clock: this.clock,
      events: this.events,
      users: {
        downstreamChanged: (name, password) => this.downstreams.get(name)?.renewPassword(password),
        userChanged: (email, password) => this.#authenticator.renewPassword(email, password),
      },
    });
  }

  /** Remembers plugin processes across a kill of this one. */
  #makeProcesses(): OrphanRegistry {
    return new OrphanRegistry({
      path: join(this.#config.stateDir, 'plugins.json'),
      onError: (error) => this.reportFault('record of plugin processes', error),
      clock: this.clock,
    });
  }

  #makeDownstreams(): ReadonlyMap<string, SmtpDownstream> {
    const { via } = this.#config.bounces;
    const used = new Set([...this.#config.users.values()].flatMap((user) => user.downstreams));
    if (via !== undefined) used.add(via);
    const downstreams = new Map<string, SmtpDownstream>();
    for (const [name, downstream] of this.#config.downstreams) {
      if (!used.has(name)) continue;
      const onHealth = (change: HealthChange): void =>
        this.events.emit({ kind: 'downstream-state-changed', downstream: name, ...change });
      const onBrokenSignature = (broken: BrokenSignature): void =>
        this.events.emit({ kind: 'signature-broken', downstream: name, ...broken });
      const callbacks = { onHealth, onBrokenSignature };
      const options = {
        ...downstreamOptions(downstream, this.#config),
        clock: this.#mailClock,
        ...callbacks,
      };
      downstreams.set(name, new SmtpDownstream(options));
    }
    return downstreams;
  }

  /** One process for each plugin that some user chose. */
  #makePlugins(): ReadonlyMap<string, RunningPlugin> {
    const plugins = new Map<string, RunningPlugin>();
    for (const user of this.#config.users.values()) {
      const { selector } = user;
      const config = this.#config.selectors.get(selector);
      if (config?.kind !== 'plugin' || plugins.has(selector)) continue;
      const options = {
        ...pluginOptions(config, this.#config, this.secrets.downstreamPasswords),
        ...pluginFiles(config, this.executables),
        sample: () => this.#sampleFor(user, config),
        events: this.events,
        registry: this.processes,
        clock: this.clock,
      };
      plugins.set(selector, { config, selection: createPluginSelection(options) });
    }
    return plugins;
  }

  /** A question as mail of a user would ask it. */
  #sampleFor(user: UserConfig, { timeoutMs }: PluginConfig): SelectRequest | undefined {
    const downstreams = user.downstreams.flatMap((name) => this.downstreams.get(name)?.view() ?? []);
    return sampleRequest({ user: user.email, downstreams, timeoutMs, now: this.clock.wallTime() });
  }

  #makeRelay(): Relay {
    const users = new Map<string, RelayUser>();
    for (const user of this.#config.users.values()) users.set(user.email, this.#relayUser(user));
    const reporter = this.downstreams.get(this.#config.bounces.via ?? '');
    if (reporter !== undefined) {
      const selector = createStrategy('in-order');
      const selection = createStrategySelection({ name: 'in-order', selector, clock: this.clock });
      users.set(REPORTS_USER, { selection, downstreams: [reporter] });
    }
    return new Relay({ users, events: this.events, clock: this.#mailClock });
  }

  #makeDelivery(relay: Relay): Delivery {
    return new Delivery({
      relay,
      budgetMs: this.#config.relayBudgetMs,
      ambiguous: this.#config.ambiguous,
      events: this.events,
      clock: this.#mailClock,
      ...(this.spool !== undefined && { spooling: this.spool.spooling }),
    });
  }

  #relayUser(user: UserConfig): RelayUser {
    const downstreams = user.downstreams.flatMap((name) => this.downstreams.get(name) ?? []);
    return { selection: this.#selectionOf(user), downstreams };
  }

  /** Plugins are shared; a strategy has its own state for each user. */
  #selectionOf({ selector: name }: UserConfig): Selection {
    const plugin = this.plugins.get(name);
    if (plugin !== undefined) return plugin.selection;
    const config = this.#config.selectors.get(name);
    const strategy = config?.kind === 'strategy' ? config.strategy : 'in-order';
    return createStrategySelection({ name, selector: createStrategy(strategy), clock: this.clock });
  }

  /** How mail of the command line becomes a message. */
  #handIn(): HandInOptions {
    const ids = this.#makeIds();
    return {
      hostname: this.#config.hostname,
      users: this.#config.users,
      nextMessageId: () => ids.next(),
      clock: this.clock,
    };
  }

  #makeExplainer(): MailExplainer {
    return new MailExplainer({
      ...this.#handIn(),
      explain: (message, options) => this.delivery.explain(message, options),
      senderRefusal: (message) => this.#senders.refusalOf(message),
    });
  }

  #makeAuthenticator(): PasswordAuthenticator {
    const hashing = { maxConcurrentHashes: maxConcurrentHashes(process.env), clock: this.clock };
    return new PasswordAuthenticator(passwordUsers(this.#config), hashing);
  }

  #makeGatekeepers(): Gatekeepers {
    return {
      authenticator: this.#authenticator,
      brake: new GuessingBrake(this.clock),
      senders: this.#senders,
      storage: this.storage,
    };
  }

  #makeTlsMaterial(): TlsMaterial | undefined {
    const files = this.#config.tls;
    return files && new TlsMaterial({ files, events: this.events, clock: this.clock });
  }

  #makeListeners(): readonly SmtpListener[] {
    const gatekeepers = this.#makeGatekeepers();
    const slots = new ConnectionSlots(this.#config.limits.connections);
    const addressSlots = new AddressSlots(this.#config.limits.connectionsPerAddress);
    const ids = this.#makeIds();
    return this.#config.listen.map((listen) => {
      const submission = { ...submissionOptions(listen, this.#config, gatekeepers), clock: this.clock };
      const handler = createSubmissionHandler(submission, this.delivery, this.events);
      const options = {
        host: listen.host,
        port: listen.port,
        slots,
        addressSlots,
        ...(listen.proxyProtocolFrom.length > 0 && { balancers: new NetworkList(listen.proxyProtocolFrom) }),
        connection: connectionOptions(listen, this.#config, this.tlsMaterial),
        nextSessionId: () => ids.next(),
        clock: this.clock,
      };
      return new SmtpListener(options, handler, this.events);
    });
  }

  #nextId(): () => string {
    const ids = this.#makeIds();
    return () => ids.next();
  }

  #makeIds(): IdSource {
    return new IdSource({ clock: this.clock, random: (bytes) => void randomFillSync(bytes) });
  }
}
