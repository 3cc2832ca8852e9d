import { EventHub } from '../../packages/router/src/events/event-hub.ts';
import type { EventSink } from '../../packages/router/src/events/event-sink.ts';
import type { Attempt } from '../../packages/router/src/message/outcome.ts';
import type { SelectionRecord } from '../../packages/router/src/message/selection-record.ts';
import { createLogSink, type LogSink } from '../../packages/router/src/telemetry/log-sink.ts';
import { createMetrics } from '../../packages/router/src/telemetry/metrics.ts';

/** Messages between two turns of the event loop. */
const BATCH = 50;

/** Ways to listen, composed as the router composes them. */
export const SINKS: Readonly<Record<string, (hub: EventHub) => LogSink | undefined>> = {
  none: () => undefined,
  metrics: (hub) => listen(hub, createMetrics({ version: '1', hub, isProcessMeasured: false }).sink),
  log: (hub) => logTo(hub, 'full'),
  'log by domain': (hub) => logTo(hub, 'domain'),
  all: (hub) => {
    const log = logTo(hub, 'full');
    listen(hub, createMetrics({ version: '1', hub, isProcessMeasured: false }).sink);
    return log;
  },
};

/** Emits the events of so many delivered messages; tells the user CPU time on standard error. */
export async function runMessages(sinks: string, messages: number): Promise<void> {
  const hub = new EventHub();
  const log = SINKS[sinks]?.(hub);
  const before = process.cpuUsage();
  for (let index = 0; index < messages; index += 1) {
    emitDelivered(hub, index);
    if (index % BATCH === 0) await new Promise(setImmediate);
  }
  await log?.drained();
  if (hub.failures > 0) throw new Error(`${hub.failures} calls of sinks failed`);
  console.error(`user-ns ${process.cpuUsage(before).user * 1_000}`);
}

function listen(hub: EventHub, sink: EventSink): undefined {
  hub.subscribe(sink);
}

function logTo(hub: EventHub, addresses: 'full' | 'domain'): LogSink {
  const secrets = ['app-secret-of-the-user', 'SG.secret-of-sendgrid', 'secret-of-ses'];
  const log = createLogSink({ level: 'info', format: 'json', addresses, secrets: () => secrets });
  hub.subscribe(log);
  return log;
}

/** One message that went to its first choice: two downstreams take turns. */
function emitDelivered(hub: EventHub, index: number): void {
  const messageId = `18f2a-${index.toString(36)}`;
  const downstream = index % 2 === 0 ? 'sendgrid' : 'ses';
  const queued = `Ok: queued as ${(0x1000000 + index).toString(16)}`;
  const selection: SelectionRecord = {
    selector: 'round_robin',
    decidedBy: 'selector',
    reason: 'next in turn',
    routes: [[downstream]],
    durationMs: 0.2 + (index % 97) / 131,
  };
  const attempt: Attempt = {
    downstreamId: downstream,
    recipientIds: [0],
    startedAt: index,
    durationMs: 1 + (index % 89) / 73,
    phase: 'dot',
    outcomes: [
      {
        kind: 'delivered',
        downstreamId: downstream,
        reply: { code: 250, enhancedCode: '2.0.0', lines: [queued] },
      },
    ],
  };
  hub.emit({ kind: 'selection-ended', messageId, selection });
  hub.emit({ kind: 'attempt-ended', messageId, attempt });
  hub.emit({
    kind: 'message-ended',
    sessionId: '18f2a',
    messageId,
    user: 'app@example.com',
    mailFrom: 'newsletter@example.com',
    recipients: ['somebody.else@example.net'],
    sizeBytes: 10_240 + (index % 31),
    result: 'relayed',
    replyCode: 250,
    replyText: `2.0.0 Ok: relayed via ${downstream}, id ${messageId}: 250 2.0.0 ${queued}`,
    durationMs: 1.5 + (index % 101) / 67,
    selection,
    attempts: [attempt],
  });
}
