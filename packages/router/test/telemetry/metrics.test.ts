import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { RouterEvent } from '../../src/events/router-event.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import { anyEvent, attempt, deferredBy, deliveredBy, messageEnded, passedOverBy } from './event-samples.ts';

async function expose(events: readonly RouterEvent[]): Promise<string> {
  const metrics = createMetrics({ version: '1.2.3', isProcessMeasured: false });
  for (const event of events) metrics.sink.emit(event);
  return metrics.exposition();
}

function assertHas(exposition: string, ...lines: readonly string[]): void {
  const all = exposition.split('\n');
  for (const line of lines) assert.ok(all.includes(line), `${line}\nnot in\n${exposition}`);
}

test('sessions, logins and breaches are counted by listener, mechanism and code', async () => {
  const session = { sessionId: 's', listener: '127.0.0.1:25' } as const;
  const exposition = await expose([
    { kind: 'session-opened', ...session, clientAddress: 'c' },
    { kind: 'session-opened', ...session, clientAddress: 'c' },
    { kind: 'session-closed', ...session, reason: 'quit', messages: 1 },
    {
      kind: 'session-refused',
      listener: '127.0.0.1:25',
      clientAddress: 'c',
      reason: 'too-many-connections',
    },
    {
      kind: 'authentication-ended',
      sessionId: 's',
      clientAddress: 'c',
      user: 'u',
      mechanism: 'PLAIN',
      isAccepted: false,
    },
    { kind: 'protocol-fault', sessionId: 's', code: 'SMTP_LINE_TOO_LONG', message: 'm' },
    { kind: 'listener-fault', listener: '127.0.0.1:25', code: 'ROUTER_ACCEPT_FAILED', message: 'm' },
    { kind: 'internal-fault', where: 'w', message: 'm' },
  ]);
  assertHas(
    exposition,
    'smtp_router_sessions_total{listener="127.0.0.1:25"} 2',
    'smtp_router_sessions_open{listener="127.0.0.1:25"} 1',
    'smtp_router_sessions_refused_total{listener="127.0.0.1:25",reason="too-many-connections"} 1',
    'smtp_router_authentications_total{mechanism="PLAIN",result="refused"} 1',
    'smtp_router_protocol_faults_total{code="SMTP_LINE_TOO_LONG"} 1',
    'smtp_router_listener_faults_total{listener="127.0.0.1:25",code="ROUTER_ACCEPT_FAILED"} 1',
    'smtp_router_internal_faults_total 1',
  );
});

test('messages, selections, attempts and failovers are counted in base units', async () => {
  const exposition = await expose([
    messageEnded({ durationMs: 2_000 }),
    messageEnded({ result: 'failed', replyCode: 550, durationMs: 1 }),
    {
      kind: 'selection-ended',
      messageId: 'm',
      selection: {
        selector: 'mine',
        decidedBy: 'fallback',
        faultCode: 'PLUGIN_NOT_READY',
        reason: 'r',
        routes: [],
        durationMs: 500,
      },
    },
    { kind: 'attempt-ended', messageId: 'm', attempt: attempt('ses', deferredBy('ses')) },
    {
      kind: 'attempt-ended',
      messageId: 'm',
      attempt: attempt('ses', deliveredBy('ses'), deliveredBy('ses')),
    },
    { kind: 'attempt-ended', messageId: 'm', attempt: attempt('ses', passedOverBy('ses')) },
    { kind: 'failed-over', messageId: 'm', from: 'ses', to: 'own', blame: 'throttle', message: 'x' },
  ]);
  assertHas(
    exposition,
    'smtp_router_messages_total{result="relayed",code="250"} 1',
    'smtp_router_messages_total{result="failed",code="550"} 1',
    'smtp_router_message_duration_seconds_sum 2.001',
    'smtp_router_message_bytes_total 2468',
    'smtp_router_selection_duration_seconds_sum{selector="mine"} 0.5',
    'smtp_router_selection_fallbacks_total{selector="mine",fault="PLUGIN_NOT_READY"} 1',
    'smtp_router_attempts_total{downstream="ses",kind="deferred",blame="throttle"} 1',
    'smtp_router_attempts_total{downstream="ses",kind="delivered",blame="none"} 1',
    'smtp_router_attempt_duration_seconds_count{downstream="ses"} 2',
    'smtp_router_passed_over_total{downstream="ses",code="ROUTER_SENDER_NOT_VERIFIED"} 1',
    'smtp_router_failovers_total{from="ses",to="own",blame="throttle"} 1',
    `smtp_router_build_info{version="1.2.3",node="${process.versions.node}"} 1`,
  );
});

test('a plugin is in one state, and its restarts add up over a replaced supervisor', async () => {
  const change = (state: 'ready' | 'restarting', restarts: number): RouterEvent => ({
    kind: 'plugin-state-changed',
    plugin: 'mine',
    state,
    restarts,
  });
  const exposition = await expose([
    change('ready', 0),
    change('restarting', 1),
    change('restarting', 3),
    change('ready', 3),
    change('ready', 0),
    change('restarting', 2),
  ]);
  assertHas(
    exposition,
    'smtp_router_plugin_state{plugin="mine",state="restarting"} 1',
    'smtp_router_plugin_state{plugin="mine",state="ready"} 0',
    'smtp_router_plugin_restarts_total{plugin="mine"} 5',
  );
});

test('the router is in one state', async () => {
  const exposition = await expose([
    { kind: 'router-state-changed', state: 'serving' },
    { kind: 'router-state-changed', state: 'draining' },
  ]);
  assertHas(exposition, 'smtp_router_state{state="draining"} 1', 'smtp_router_state{state="serving"} 0');
});

test('every metric bears the prefix, and durations are seconds', async () => {
  const metrics = createMetrics({ version: '1', hub: { failures: 7 } });
  metrics.sink.emit(messageEnded());
  const exposition = await metrics.exposition();
  assertHas(exposition, 'smtp_router_event_sink_failures 7');
  assert.match(exposition, /^smtp_router_process_resident_memory_bytes /m);
  assert.match(exposition, /^smtp_router_nodejs_eventloop_lag_mean_seconds /m);
  for (const [, name] of exposition.matchAll(/^# TYPE (\S+)/gm)) {
    assert.match(name ?? '', /^smtp_router_[a-z0-9_]+$/);
    assert.doesNotMatch(name ?? '', /_(ms|milliseconds|kb|mb)(_|$)/);
  }
});

test('neither addresses nor users nor texts become labels', async () => {
  const planted = 'S3CRET';
  const exposition = await expose([
    messageEnded({
      user: planted,
      mailFrom: planted,
      recipients: [planted],
      replyText: planted,
      messageId: planted,
      sessionId: planted,
    }),
    {
      kind: 'authentication-ended',
      sessionId: planted,
      clientAddress: planted,
      user: planted,
      mechanism: 'PLAIN',
      isAccepted: true,
    },
    { kind: 'session-opened', sessionId: planted, listener: 'l', clientAddress: planted },
    { kind: 'session-closed', sessionId: planted, listener: 'l', reason: planted, messages: 1 },
    { kind: 'protocol-fault', sessionId: planted, code: 'C', message: planted },
    { kind: 'plugin-output', plugin: 'p', pid: 1, level: 'info', message: planted },
    { kind: 'plugin-state-changed', plugin: 'p', state: 'failed', restarts: 0, message: planted },
    { kind: 'failed-over', messageId: planted, from: 'a', blame: 'network', message: planted },
    { kind: 'internal-fault', where: planted, message: planted },
    { kind: 'listener-fault', listener: 'l', code: 'C', message: planted },
  ]);
  assert.doesNotMatch(exposition, /S3CRET/);
});

test('no event whatsoever makes counting throw on a healthy number', async () => {
  const healthy = fc.array(anyEvent.filter((event) => !hasNonFinite(event)));
  await fc.assert(
    fc.asyncProperty(healthy, async (events) => {
      assert.match(await expose(events), /^# HELP/);
    }),
    { numRuns: 30 },
  );
});

function hasNonFinite(event: RouterEvent): boolean {
  return JSON.stringify(event).includes(':null');
}
