import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { requestWith, viewWith } from '@smtp-router/selector/testing';
import type { EventSink } from '../../src/events/event-sink.ts';
import type { RouterEvent } from '../../src/events/router-event.ts';
import { createPluginSelection, type PluginSelection } from '../../src/selection/plugin-selection.ts';

/** Keeps what was emitted and lets a test await the next event that fits. */
class EventRecord implements EventSink {
  readonly events: RouterEvent[] = [];
  readonly #waiting = new Set<(event: RouterEvent) => void>();

  emit(event: RouterEvent): void {
    this.events.push(event);
    for (const tell of this.#waiting) tell(event);
  }

  next(fits: (event: RouterEvent) => boolean): Promise<RouterEvent> {
    return new Promise((resolve) => {
      const tell = (event: RouterEvent): void => {
        if (!fits(event)) return;
        this.#waiting.delete(tell);
        resolve(event);
      };
      this.#waiting.add(tell);
    });
  }
}

const isReady = (event: RouterEvent) => event.kind === 'plugin-state-changed' && event.state === 'ready';

describe('A plugin process behind a selection', () => {
  const record = new EventRecord();
  let selection: PluginSelection;

  before(async () => {
    selection = createPluginSelection({
      name: 'obedient',
      command: [process.execPath, fileURLToPath(new URL('./fixtures/obedient-plugin.ts', import.meta.url))],
      env: {},
      startTimeoutMs: 30_000,
      timeoutMs: 10_000,
      maxInFlight: 16,
      onFailure: 'in-order',
      tail: 'rest',
      events: record,
    });
    await selection.start();
  });

  after(() => selection.close());

  function told(command: string, timeoutMs = 0) {
    return selection.select(
      requestWith({
        timeoutMs,
        downstreams: [viewWith({ id: 'a', user: command }), viewWith({ id: 'b' }), viewWith({ id: 'c' })],
      }),
    );
  }

  it('decides, and what it prints is reported under its name', async () => {
    const printed = record.next((event) => event.kind === 'plugin-output' && event.message === 'chose c');
    const { record: decided } = await told('choose');
    assert.equal(decided.decidedBy, 'selector');
    assert.deepEqual(decided.routes, [['c', 'a', 'b']]);
    const event = await printed;
    assert.ok(event.kind === 'plugin-output' && event.plugin === 'obedient');
    assert.equal(event.pid, selection.status().pid);
  });

  it('is answered for when it throws, and stays up', async () => {
    const pid = selection.status().pid;
    const { record: decided } = await told('throw');
    assert.equal(decided.faultCode, 'PLUGIN_CALL_FAILED');
    assert.match(decided.reason, /"obedient".*database is away/);
    assert.deepEqual(decided.routes, [['a', 'b', 'c']]);
    assert.equal(selection.status().pid, pid);
  });

  it('is answered for in time when it hangs, while others are served', async () => {
    const [hung, served] = await Promise.all([told('hang', 100), told('choose')]);
    assert.equal(hung.record.faultCode, 'PLUGIN_CALL_CANCELLED');
    assert.ok(hung.record.durationMs < 5000);
    assert.equal(served.record.decidedBy, 'selector');
  });

  it('is answered for when it dies in a call, and decides again once it is back', async () => {
    const before = selection.status().pid;
    const back = record.next(isReady);
    const { record: decided } = await told('exit');
    assert.equal(decided.decidedBy, 'fallback');
    assert.match(decided.faultCode ?? '', /^PLUGIN_/);
    await back;
    assert.notEqual(selection.status().pid, before);
    assert.equal((await told('choose')).record.decidedBy, 'selector');
    const restarting = record.events.find(
      (event) => event.kind === 'plugin-state-changed' && event.state === 'restarting',
    );
    assert.ok(restarting?.kind === 'plugin-state-changed' && restarting.message?.includes('"obedient"'));
  });
});

it('A plugin that does not exist leaves a selection that falls back and says why', async () => {
  const record = new EventRecord();
  const selection = createPluginSelection({
    name: 'absent',
    command: ['./no-such-plugin'],
    env: {},
    startTimeoutMs: 5000,
    timeoutMs: 2000,
    maxInFlight: 1,
    onFailure: 'in-order',
    tail: 'rest',
    events: record,
  });
  await selection.start();
  try {
    const { record: decided } = await selection.select(requestWith({ downstreams: [viewWith({ id: 'a' })] }));
    assert.equal(decided.faultCode, 'PLUGIN_NOT_READY');
    assert.deepEqual(decided.routes, [['a']]);
    const failed = record.events.find(
      (event) => event.kind === 'plugin-state-changed' && event.faultCode !== undefined,
    );
    assert.ok(failed?.kind === 'plugin-state-changed');
    assert.equal(failed.faultCode, 'PLUGIN_FILE_NOT_FOUND');
    assert.match(failed.message ?? '', /absent.*no-such-plugin/);
  } finally {
    await selection.close();
  }
});
