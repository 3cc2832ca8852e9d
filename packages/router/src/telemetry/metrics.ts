/**
 * The metrics of the router, counted from events, in the Prometheus text format. Names begin with
 * `smtp_router_`, carry base units, and bear labels of few values only: listeners, downstreams,
 * selectors, plugins and codes come from the configuration or a catalogue; addresses, users and
 * message ids never become labels.
 */
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { EventSink } from '../events/event-sink.ts';
import type {
  DownstreamStateChanged,
  PluginStateChanged,
  RouterEvent,
  RouterStateChanged,
} from '../events/router-event.ts';
import { isPassedOver } from '../message/outcome.ts';
import { summarizeAttempt } from './attempt-summary.ts';
import { Distribution } from './distribution.ts';
import { type SpoolUse, watchSpool } from './spool-metrics.ts';
import { type StorageUse, watchStorage } from './storage-metrics.ts';
import { Tally } from './tally.ts';

/** What metrics need to know beside the events. */
export interface MetricsOptions {
  /** Of the router, for `smtp_router_build_info`. */
  readonly version: string;
  /** Where failures of event sinks are counted: the hub the sink is subscribed to. */
  readonly hub?: { readonly failures: number };
  /** Where message bodies are kept. */
  readonly storage?: StorageUse;
  /** CPU, memory, event loop and garbage collection of this process. Default true. */
  readonly isProcessMeasured?: boolean;
}

/** One registry of its own: two routers in one process do not meet. */
export interface Metrics {
  /** Counts; to be subscribed to the event hub. */
  readonly sink: EventSink;
  /** Content type of `exposition`. */
  readonly contentType: string;
  /** All metrics in the text format. */
  exposition(): Promise<string>;
  /** Adds those of a spool. */
  watchSpool(spool: SpoolUse, now: () => number): void;
}

/** Seconds. From a cache hit to `timeouts.dot`. */
const DURATION_BUCKETS = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 60, 600,
];
/** Seconds. From a strategy in memory to `selectors.*.timeout`. */
const SELECTION_BUCKETS = [0.00001, 0.00005, 0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 2, 5];
/** The event loop is sampled this often; rarely enough to let an idle machine sleep. */
const EVENT_LOOP_PRECISION_MS = 50;

const PLUGIN_STATES: readonly PluginStateChanged['state'][] = [
  'starting',
  'ready',
  'failed',
  'restarting',
  'stopped',
];
const DOWNSTREAM_STATES: readonly DownstreamStateChanged['state'][] = ['up', 'throttled', 'down'];
const ROUTER_STATES: readonly RouterStateChanged['state'][] = ['starting', 'serving', 'draining', 'stopped'];

/** Makes the metrics and starts measuring the process. */
export function createMetrics(options: MetricsOptions): Metrics {
  const registry = new Registry();
  const sink = new MetricSink(registry);
  describeBuild(registry, options.version);
  if (options.hub !== undefined) watchHub(registry, options.hub);
  if (options.storage !== undefined) watchStorage(registry, options.storage);
  if (options.isProcessMeasured ?? true) {
    collectDefaultMetrics({
      register: registry,
      prefix: 'smtp_router_',
      eventLoopMonitoringPrecision: EVENT_LOOP_PRECISION_MS,
    });
  }
  const exposition = async (): Promise<string> => `${await registry.metrics()}\n${sink.distributions()}\n`;
  return {
    sink,
    contentType: registry.contentType,
    exposition,
    watchSpool: (spool, now) => watchSpool(registry, spool, now),
  };
}

function describeBuild(registry: Registry, version: string): void {
  new Gauge({
    name: 'smtp_router_build_info',
    help: 'Always 1; the labels tell the version of the router and of Node.',
    labelNames: ['version', 'node'],
    registers: [registry],
  }).set({ version, node: process.versions.node }, 1);
}

function watchHub(registry: Registry, hub: { readonly failures: number }): void {
  new Gauge({
    name: 'smtp_router_event_sink_failures',
    help: 'Calls of event listeners that threw since the start; more than 0 is a defect.',
    registers: [registry],
    collect() {
      this.set(hub.failures);
    },
  });
}

const SPOOL_RESULTS = ['delivered', 'deferred', 'failed', 'held'] as const;

/** Turns events into counts. */
class MetricSink implements EventSink {
  readonly #metrics: ReturnType<typeof declareMetrics>;
  /** Restarts counted so far, by plugin: events carry totals. */
  readonly #restarts = new Map<string, number>();

  constructor(registry: Registry) {
    this.#metrics = declareMetrics(registry);
  }

  /** The histograms in the text format. */
  distributions(): string {
    const { messageDuration, selectionDuration, attemptDuration } = this.#metrics;
    return [messageDuration, selectionDuration, attemptDuration].map((one) => one.exposition()).join('\n\n');
  }

  emit(event: RouterEvent): void {
    const m = this.#metrics;
    switch (event.kind) {
      case 'session-opened':
        m.sessions.at(event.listener).count += 1;
        m.openSessions.at(event.listener).count += 1;
        return;
      case 'session-closed':
        m.openSessions.at(event.listener).count -= 1;
        return;
      case 'session-refused':
        m.refusedSessions.inc({ listener: event.listener, reason: event.reason });
        return;
      case 'listener-fault':
        m.listenerFaults.inc({ listener: event.listener, code: event.code });
        return;
      case 'certificate-changed':
        if (event.validUntil !== undefined)
          m.certificateExpiry.set({ file: event.file }, event.validUntil / 1_000);
        return;
      case 'authentication-ended':
        m.authentications.at(
          event.mechanism,
          event.unchecked ?? (event.isAccepted ? 'accepted' : 'refused'),
        ).count += 1;
        return;
      case 'protocol-fault':
        m.protocolFaults.inc({ code: event.code });
        return;
      case 'message-ended':
        m.messages.at(event.result, event.replyCode).count += 1;
        m.messageBytes.add(event.sizeBytes);
        m.messageDuration.observe(event.durationMs / 1_000);
        return;
      case 'spooled-message-tried':
        for (const result of SPOOL_RESULTS) {
          if (event[result] > 0) m.spooledRecipients.inc({ result }, event[result]);
        }
        if (event.reportId !== undefined) m.reports.inc();
        return;
      case 'spool-fault':
        m.spoolFaults.inc({ code: event.code });
        return;
      case 'selection-ended':
        m.selectionDuration.observe(event.selection.durationMs / 1_000, event.selection.selector);
        if (event.selection.decidedBy === 'fallback') {
          const { selector, faultCode } = event.selection;
          m.fallbacks.inc({ selector, fault: faultCode ?? 'none' });
        }
        return;
      case 'attempt-ended': {
        const { downstream, kind, blame, outcome } = summarizeAttempt(event.attempt);
        if (outcome !== undefined && outcome.kind !== 'delivered' && isPassedOver(outcome.errorCode)) {
          m.passedOver.inc({ downstream, code: outcome.errorCode ?? '' });
          return;
        }
        m.attempts.at(downstream, kind, blame || 'none').count += 1;
        m.attemptDuration.observe(event.attempt.durationMs / 1_000, downstream);
        return;
      }
      case 'failed-over':
        m.failovers.inc({ from: event.from, to: event.to ?? 'none', blame: event.blame });
        return;
      case 'downstream-state-changed':
        for (const state of DOWNSTREAM_STATES) {
          m.downstreamState.set({ downstream: event.downstream, state }, state === event.state ? 1 : 0);
        }
        return;
      case 'plugin-state-changed':
        this.#countPlugin(event);
        return;
      case 'plugin-swapped':
        m.pluginSwaps.inc({ plugin: event.plugin, result: 'swapped' });
        return;
      case 'plugin-swap-failed':
        m.pluginSwaps.inc({ plugin: event.plugin, result: 'failed' });
        return;
      case 'plugin-warning':
        return;
      case 'plugin-output':
        m.pluginLines.inc({ plugin: event.plugin, level: event.level });
        return;
      case 'router-state-changed':
        for (const state of ROUTER_STATES) m.routerState.set({ state }, state === event.state ? 1 : 0);
        return;
      case 'storage-fault':
        m.storageFaults.inc();
        return;
      case 'secret-changed':
        return;
      case 'internal-fault':
        m.internalFaults.inc();
        return;
    }
  }

  #countPlugin({ plugin, state, restarts }: PluginStateChanged): void {
    for (const other of PLUGIN_STATES) {
      this.#metrics.pluginState.set({ plugin, state: other }, other === state ? 1 : 0);
    }
    // A supervisor that was replaced begins at 0 again: its restarts add to those of the old one.
    const known = this.#restarts.get(plugin) ?? 0;
    this.#metrics.pluginRestarts.inc({ plugin }, restarts >= known ? restarts - known : restarts);
    this.#restarts.set(plugin, restarts);
  }
}

/** Every metric with its name, help and labels. */
function declareMetrics(registry: Registry) {
  const registers = [registry];
  return {
    sessions: new Tally(registry, {
      name: 'smtp_router_sessions_total',
      help: 'Client connections that were let in.',
      labelNames: ['listener'],
    }),
    openSessions: new Tally(registry, {
      name: 'smtp_router_sessions_open',
      help: 'Client connections open now.',
      labelNames: ['listener'],
      type: 'gauge',
    }),
    refusedSessions: new Counter({
      name: 'smtp_router_sessions_refused_total',
      help: 'Client connections turned away before a session began.',
      labelNames: ['listener', 'reason'],
      registers,
    }),
    listenerFaults: new Counter({
      name: 'smtp_router_listener_faults_total',
      help: 'Failures to accept a connection.',
      labelNames: ['listener', 'code'],
      registers,
    }),
    certificateExpiry: new Gauge({
      name: 'smtp_router_certificate_expiry_timestamp_seconds',
      help: 'When the certificate the listeners show ends, in Unix seconds; absent without one.',
      labelNames: ['file'],
      registers,
    }),
    authentications: new Tally(registry, {
      name: 'smtp_router_authentications_total',
      help: 'Logins of clients.',
      labelNames: ['mechanism', 'result'],
    }),
    protocolFaults: new Counter({
      name: 'smtp_router_protocol_faults_total',
      help: 'Breaches of the protocol by clients.',
      labelNames: ['code'],
      registers,
    }),
    messages: new Tally(registry, {
      name: 'smtp_router_messages_total',
      help: 'Messages answered, by result and reply code.',
      labelNames: ['result', 'code'],
    }),
    messageDuration: new Distribution({
      name: 'smtp_router_message_duration_seconds',
      help: 'From the final dot of the client to its reply.',
      buckets: DURATION_BUCKETS,
    }),
    messageBytes: new Tally(registry, {
      name: 'smtp_router_message_bytes_total',
      help: 'Content of all messages answered.',
    }),
    spooledRecipients: new Counter({
      name: 'smtp_router_spooled_recipients_total',
      help: 'Recipients of spooled messages that were tried, by what came of it.',
      labelNames: ['result'],
      registers,
    }),
    reports: new Counter({
      name: 'smtp_router_bounces_total',
      help: 'Reports to senders whose mail could not be delivered.',
      registers,
    }),
    spoolFaults: new Counter({
      name: 'smtp_router_spool_faults_total',
      help: 'Times the spool could not be read or written.',
      labelNames: ['code'],
      registers,
    }),
    selectionDuration: new Distribution({
      name: 'smtp_router_selection_duration_seconds',
      help: 'Time a selector took to decide, a fallback included.',
      labelName: 'selector',
      buckets: SELECTION_BUCKETS,
    }),
    fallbacks: new Counter({
      name: 'smtp_router_selection_fallbacks_total',
      help: 'Selections decided by on_failure, by what was wrong with the selector.',
      labelNames: ['selector', 'fault'],
      registers,
    }),
    attempts: new Tally(registry, {
      name: 'smtp_router_attempts_total',
      help: 'Attempts at downstreams, by gravest outcome and by who is to blame.',
      labelNames: ['downstream', 'kind', 'blame'],
    }),
    attemptDuration: new Distribution({
      name: 'smtp_router_attempt_duration_seconds',
      help: 'Duration of an attempt at a downstream.',
      labelName: 'downstream',
      buckets: DURATION_BUCKETS,
    }),
    passedOver: new Counter({
      name: 'smtp_router_passed_over_total',
      help: 'Messages a downstream was not asked to take, by what is configured for it.',
      labelNames: ['downstream', 'code'],
      registers,
    }),
    failovers: new Counter({
      name: 'smtp_router_failovers_total',
      help: 'Messages not taken by their first choice.',
      labelNames: ['from', 'to', 'blame'],
      registers,
    }),
    downstreamState: new Gauge({
      name: 'smtp_router_downstream_state',
      help: '1 for the state a downstream is in, 0 for the others; absent until it first changes.',
      labelNames: ['downstream', 'state'],
      registers,
    }),
    pluginState: new Gauge({
      name: 'smtp_router_plugin_state',
      help: '1 for the state a plugin is in, 0 for the others.',
      labelNames: ['plugin', 'state'],
      registers,
    }),
    pluginRestarts: new Counter({
      name: 'smtp_router_plugin_restarts_total',
      help: 'Restarts of a plugin after it ended or was replaced for a fault.',
      labelNames: ['plugin'],
      registers,
    }),
    pluginSwaps: new Counter({
      name: 'smtp_router_plugin_swaps_total',
      help: 'New versions of a plugin, by whether they were put to use or the one before serves on.',
      labelNames: ['plugin', 'result'],
      registers,
    }),
    pluginLines: new Counter({
      name: 'smtp_router_plugin_output_lines_total',
      help: 'Lines a plugin wrote.',
      labelNames: ['plugin', 'level'],
      registers,
    }),
    routerState: new Gauge({
      name: 'smtp_router_state',
      help: '1 for the state the router is in, 0 for the others.',
      labelNames: ['state'],
      registers,
    }),
    storageFaults: new Counter({
      name: 'smtp_router_storage_faults_total',
      help: 'Temporary files of messages that could not be made, written, read or removed.',
      registers,
    }),
    internalFaults: new Counter({
      name: 'smtp_router_internal_faults_total',
      help: 'Defects met; mail went on. More than 0 is worth a report.',
      registers,
    }),
  };
}
