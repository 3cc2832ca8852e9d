/**
 * The router: the only place that knows every room and says who talks to whom.
 *
 *     listener → submission → delivery → relay → selection, downstream      events → log, metrics
 *                                      → spool
 *
 * The rooms are made from one configuration by `router-rooms.ts`; `startRouter` opens them inside out,
 * then lets mail in; what fails on the way takes everything opened so far down again. `drain` closes
 * them in the opposite direction.
 */
import type { RouterConfig } from './config/router-config.ts';
import { createAdminServer } from './control/admin-server.ts';
import type {
  ExplainRequest,
  ExplainResult,
  ReloadResult,
  RouterStatus,
  SendRequest,
  SendResult,
} from './control/control-message.ts';
import { openControlServer } from './control/control-server.ts';
import type { HttpServer } from './control/http-server.ts';
import { StateDirectory } from './control/state-directory.ts';
import { downstreamStatusOf, pluginStateOf, reloadResultOf } from './control/status-part.ts';
import type { SmtpDownstream } from './downstream/smtp-downstream.ts';
import { RouterError } from './errors.ts';
import { listenError } from './listener/listen-error.ts';
import { type RouterDeps, RouterRooms } from './router-rooms.ts';
import { type HealthReport, livenessReport, readinessReport } from './telemetry/health.ts';
import { routerVersion } from './version.ts';

export type { RouterDeps } from './router-rooms.ts';

/** A running router. Whoever started it drains it. */
export interface RouterHandle {
  readonly addresses: RouterAddresses;
  status(): RouterStatus;
  /** One mail by the live path; rejects with `ROUTER_BAD_REQUEST` or `ROUTER_BAD_MESSAGE_FILE` before anything is sent. */
  send(request: SendRequest): Promise<SendResult>;
  /** What the live path would do with a mail now; nothing is sent. Rejects as `send` does. */
  explain(request: ExplainRequest): Promise<ExplainResult>;
  /** Replaces a plugin by one started from its files as they are now; mail goes on meanwhile. Never rejects. */
  reloadPlugin(name: string): Promise<ReloadResult>;
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

class Router implements RouterHandle {
  readonly closed: Promise<void>;
  readonly #config: RouterConfig;
  readonly #state: StateDirectory;
  readonly #rooms: RouterRooms;
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

  constructor(config: RouterConfig, state: StateDirectory, deps: RouterDeps) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.closed = promise;
    this.#markClosed = resolve;
    this.#config = config;
    this.#state = state;
    this.#rooms = new RouterRooms(config, deps);
    this.#startedAt = this.#rooms.clock.wallTime();
  }

  get addresses(): RouterAddresses {
    const admin = this.#admin?.address;
    return {
      listeners: this.#rooms.listeners.map((listener) => listener.address.text),
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
      plugins: [...this.#rooms.plugins.values()].map(({ selection }) => pluginStateOf(selection.status())),
      downstreams: [...this.#rooms.downstreams.values()].map((downstream) =>
        downstreamStatusOf(downstream.view()),
      ),
    };
  }

  async send(request: SendRequest): Promise<SendResult> {
    this.#requireServing();
    const sending = this.#rooms.sender.send(request);
    this.#sending.add(sending);
    try {
      return await sending;
    } finally {
      this.#sending.delete(sending);
    }
  }

  async explain(request: ExplainRequest): Promise<ExplainResult> {
    this.#requireServing();
    return this.#rooms.explainer.explain(request);
  }

  /** Opens from the inside out: whoever brings mail comes last. */
  async open(): Promise<void> {
    this.#alive = setInterval(() => {}, KEEP_ALIVE_MS);
    this.#enter('starting');
    await this.#rooms.storage.files.sweep();
    await this.#rooms.spool?.store.open();
    await this.#rooms.tlsMaterial?.load();
    await this.#rooms.processes.reap();
    await this.#rooms.executables.sweep();
    await Promise.all([...this.#rooms.plugins.values()].map(({ selection }) => selection.start()));
    await this.#openAdmin();
    await this.#openControl();
    for (const listener of this.#rooms.listeners) await listener.listen();
    this.#rooms.secrets.open();
    this.#rooms.spool?.runner.start();
    this.#enter('serving');
  }

  async reloadPlugin(name: string): Promise<ReloadResult> {
    const plugin = this.#rooms.plugins.get(name);
    return plugin === undefined
      ? { kind: 'unknown', known: [...this.#rooms.plugins.keys()] }
      : reloadResultOf(name, await plugin.selection.reload());
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
    this.#rooms.delivery.shrinkBudget(graceMs * BUDGET_SHARE);
    this.#rooms.spool?.runner.stop();
    await Promise.all([
      ...this.#rooms.listeners.map((listener) => listener.drain(graceMs)),
      this.#within(graceMs, Promise.allSettled(this.#sending)),
      this.#within(graceMs, Promise.resolve(this.#rooms.spool?.settled())),
    ]);
    await this.close();
  }

  async #close(): Promise<void> {
    this.#rooms.secrets.close();
    for (const listener of this.#rooms.listeners) listener.close();
    this.#rooms.tlsMaterial?.close();
    await Promise.allSettled([
      this.#control?.close(),
      this.#admin?.close(),
      ...[...this.#rooms.plugins.values()].map(({ selection }) => selection.close()),
      ...[...this.#rooms.downstreams.values()].map((downstream) => this.#sayGoodbye(downstream)),
    ]);
    // The connections are gone: whatever was waited for has been told.
    await this.#within(GOODBYE_MS, Promise.resolve(this.#rooms.spool?.settled()));
    await this.#rooms.spool?.store.close();
    await this.#rooms.storage.files.settled();
    this.#state.release();
    this.#enter('stopped');
    await this.#rooms.log.drained();
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
    const cancel = this.#rooms.clock.schedule(timeMs, resolve);
    await Promise.race([work, promise]);
    cancel();
  }

  #requireServing(): void {
    if (this.#phase === 'serving') return;
    throw new RouterError('ROUTER_NOT_RUNNING', `The router is ${this.#phase} and takes no mail.`);
  }

  #enter(state: RouterStatus['state']): void {
    this.#phase = state;
    this.#rooms.events.emit({ kind: 'router-state-changed', state });
  }

  async #openControl(): Promise<void> {
    this.#control = await openControlServer({
      socketPath: this.#state.controlSocket,
      maxMessageBytes: this.#config.limits.messageSizeBytes,
      status: () => this.status(),
      send: (request) => this.send(request),
      explain: (request) => this.explain(request),
      reloadPlugin: (name) => this.reloadPlugin(name),
      queue: this.#rooms.spool?.queue,
      onFault: (error) => this.#rooms.reportFault('control socket', error),
    });
  }

  async #openAdmin(): Promise<void> {
    const { admin } = this.#config;
    if (admin === undefined) return;
    const server = createAdminServer({
      ...admin,
      liveness: () => this.#liveness(),
      readiness: () => this.#readiness(),
      metrics: this.#rooms.metrics,
      onFault: (error) => this.#rooms.reportFault('admin address', error),
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
    const askedAt = this.#rooms.clock.now();
    await new Promise((resolve) => setImmediate(resolve));
    return livenessReport({ eventLoopDelayMs: this.#rooms.clock.now() - askedAt });
  }

  #readiness(): HealthReport {
    return readinessReport({
      state: this.#phase,
      spool: this.#rooms.spool,
      listeners: this.#rooms.listeners.map(({ address, isListening }) => ({
        address: address.text,
        isListening,
      })),
      plugins: [...this.#rooms.plugins.values()].map(({ config, selection }) => ({
        name: config.name,
        isReady: selection.status().state === 'ready',
        isNeeded: config.onFailure === 'tempfail',
      })),
      downstreams: [...this.#rooms.downstreams.values()].map((downstream) => ({
        name: downstream.name,
        isUp: downstream.view().state === 'up',
      })),
    });
  }
}
