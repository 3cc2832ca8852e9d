import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { PluginError } from '@smtp-router/go-plugin/errors';
import type { CallOptions } from '@smtp-router/go-plugin/host';
import type { PluginStatus, SwapResult } from '@smtp-router/go-plugin/supervisor';
import type { SelectReply } from '@smtp-router/selector/contract';
import { SelectorError } from '@smtp-router/selector/errors';
import type { SelectorPlugin } from '@smtp-router/selector/host';
import { requestWith, viewWith } from '@smtp-router/selector/testing';
import type { RouterEvent } from '../../src/events/router-event.ts';
import { createPluginSelection } from '../../src/selection/plugin-selection.ts';
import type { PluginSelectionOptions } from '../../src/selection/plugin-selection-options.ts';
import type { SelectorSupervisor, SupervisorHooks } from '../../src/selection/supervise-process.ts';
import { TestClock } from '../test-clock.ts';

const REQUEST = requestWith({
  session: { user: 'app' },
  downstreams: [viewWith({ id: 'a' }), viewWith({ id: 'b' })],
});
const STATUS: PluginStatus = {
  name: 'mine',
  state: 'ready',
  callsInFlight: 0,
  starts: 1,
  missedDeadlines: 0,
  swaps: { swapped: 0, failed: 0 },
};

/** Stands for a supervised process: answers what `answer` holds. */
class FakeSupervisor implements SelectorSupervisor {
  answer: SelectReply | Error | 'never' = order('b', 'a');
  generation: 1 | 2 | undefined;
  started = 0;
  closed = 0;
  readonly swaps: boolean[] = [];
  swapped: SwapResult = { kind: 'swapped', pid: 2, durationMs: 1 };

  start(): Promise<void> {
    this.started += 1;
    return Promise.resolve();
  }

  call<R>(run: (plugin: SelectorPlugin, options: CallOptions) => Promise<R>): Promise<R> {
    const plugin: SelectorPlugin = {
      generation: 1,
      select: (_request, call) => {
        if (this.answer === 'never') return untilAborted(call.signal);
        return this.answer instanceof Error ? Promise.reject(this.answer) : Promise.resolve(this.answer);
      },
      close: () => undefined,
    };
    return run(plugin, { timeoutMs: 2000 });
  }

  swap(options: { readonly isForced: boolean }): Promise<SwapResult> {
    this.swaps.push(options.isForced);
    return Promise.resolve(this.swapped);
  }

  status(): PluginStatus {
    return this.generation === undefined ? STATUS : { ...STATUS, appVersion: this.generation };
  }

  close(): Promise<void> {
    this.closed += 1;
    return Promise.resolve();
  }
}

function untilAborted(signal: AbortSignal | undefined): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  signal?.addEventListener('abort', () => {
    reject(new PluginError('PLUGIN_CALL_CANCELLED', 'Plugin "mine": the call was cancelled.'));
  });
  return promise;
}

function order(...candidateIds: readonly string[]): SelectReply {
  return { kind: 'route', routes: [{ recipientIds: [], candidateIds }], reason: 'plugin "mine" answered' };
}

function build(options: Partial<PluginSelectionOptions> = {}) {
  const supervisor = new FakeSupervisor();
  const emitted: RouterEvent[] = [];
  let heard: SupervisorHooks | undefined;
  const selection = createPluginSelection(
    {
      name: 'mine',
      command: ['./mine'],
      env: {},
      startTimeoutMs: 1000,
      timeoutMs: 2000,
      maxInFlight: 8,
      onFailure: 'in-order',
      tail: 'rest',
      events: { emit: (event) => emitted.push(event) },
      ...options,
    },
    (_options, hooks) => {
      heard = hooks;
      return supervisor;
    },
  );
  assert.ok(heard);
  return { selection, supervisor, emitted, hooks: heard };
}

/** A started selection with a file that is watched; `pass` lets time go by until the condition holds. */
async function watching(context: TestContext, isMoreThanChecksum: boolean) {
  const directory = mkdtempSync(join(tmpdir(), 'watched-'));
  context.after(() => rmSync(directory, { recursive: true, force: true }));
  const file = join(directory, 'plugin');
  const change = (text: string): void => writeFileSync(file, text);
  change('the first version');
  const clock = new TestClock();
  const built = build({ clock, watch: { files: [file], isMoreThanChecksum } });
  await built.selection.start();
  const pass = async (isDone: () => boolean): Promise<void> => {
    while (!isDone()) {
      clock.advance(1000);
      await setImmediate();
    }
  };
  return { ...built, change, pass };
}

describe('A selection by a plugin', () => {
  it('answers what the plugin chose', async () => {
    const { selection } = build();
    const { reply, record } = await selection.select(REQUEST);
    assert.deepEqual(reply, order('b', 'a'));
    assert.equal(record.decidedBy, 'selector');
    assert.deepEqual(record.routes, [['b', 'a']]);
  });

  const faults = [
    new PluginError('PLUGIN_CALL_TIMEOUT', 'Plugin "mine" did not answer Select within 2000 ms.'),
    new PluginError('PLUGIN_CALL_FAILED', 'no downstreams'),
    new SelectorError('SELECTOR_UNKNOWN_DOWNSTREAM', 'Selector "mine" chose "c", which was not offered.'),
    new Error('something unforeseen'),
  ];
  for (const fault of faults) {
    it(`falls back on ${'code' in fault ? fault.code : 'an unforeseen error'} and says so in the record`, async () => {
      const { selection, supervisor } = build();
      supervisor.answer = fault;
      const { reply, record } = await selection.select(REQUEST);
      assert.equal(reply.kind, 'route');
      assert.deepEqual(record.routes, [['a', 'b']]);
      assert.equal(record.decidedBy, 'fallback');
      assert.equal(record.faultCode, 'code' in fault ? fault.code : 'SELECTOR_FAILED');
      assert.ok(record.reason.includes('"mine"') && record.reason.includes(fault.message), record.reason);
    });
  }

  it('of generation 1 is not asked in a dry run, which on_failure answers', async () => {
    const { selection, supervisor } = build();
    supervisor.generation = 1;
    const { record } = await selection.select({ ...REQUEST, dryRun: true });
    assert.equal(selection.ignoresDryRun, true);
    assert.deepEqual([record.decidedBy, record.faultCode], ['fallback', 'SELECTOR_NO_DRY_RUN']);
    assert.deepEqual(record.routes, [['a', 'b']]);
    assert.deepEqual((await selection.select(REQUEST)).record.routes, [['b', 'a']]);
  });

  it('of generation 2 is asked in a dry run, too', async () => {
    const { selection, supervisor } = build();
    supervisor.generation = 2;
    const { record } = await selection.select({ ...REQUEST, dryRun: true });
    assert.equal(selection.ignoresDryRun, false);
    assert.deepEqual(record.routes, [['b', 'a']]);
  });

  it('repeats its last order for the user under on_failure: last-order', async () => {
    const { selection, supervisor } = build({ onFailure: 'last-order' });
    await selection.select(REQUEST);
    supervisor.answer = new Error('gone');
    const { record } = await selection.select(REQUEST);
    assert.deepEqual(record.routes, [['b', 'a']]);
    assert.equal(record.decidedBy, 'fallback');
  });

  it('defers under on_failure: tempfail, with a text that tells nothing', async () => {
    const { selection, supervisor } = build({ onFailure: 'tempfail' });
    supervisor.answer = new Error('gone');
    const { reply, record } = await selection.select(REQUEST);
    assert.equal(reply.kind, 'defer');
    assert.equal(reply.code, 451);
    assert.ok(!reply.text.includes('mine') && !reply.text.includes('gone'));
    assert.deepEqual(record.routes, []);
  });

  it('cancels a call when the request has less time than the call', async () => {
    const clock = new TestClock();
    const { selection, supervisor } = build({ clock });
    supervisor.answer = 'never';
    const decision = selection.select({ ...REQUEST, timeoutMs: 300 });
    clock.advance(299);
    assert.equal(clock.pending, 1);
    clock.advance(1);
    const { record } = await decision;
    assert.equal(record.faultCode, 'PLUGIN_CALL_CANCELLED');
    assert.deepEqual(record.routes, [['a', 'b']]);
  });

  it('leaves the deadline to the call when the request has more time, or names none', async () => {
    const clock = new TestClock();
    const { selection } = build({ clock });
    for (const timeoutMs of [0, 2000, 9000]) await selection.select({ ...REQUEST, timeoutMs });
    assert.equal(clock.scheduled, 0);
  });

  it('starts, reports and closes its process', async () => {
    const { selection, supervisor } = build();
    await selection.start();
    await selection.close();
    assert.deepEqual([supervisor.started, supervisor.closed, selection.status()], [1, 1, STATUS]);
  });

  it('swaps for a reload whether its files changed or not', async () => {
    const { selection, supervisor } = build();
    assert.equal((await selection.reload()).kind, 'swapped');
    assert.deepEqual(supervisor.swaps, [true]);
  });

  for (const isMoreThanChecksum of [false, true]) {
    it(`swaps when a watched file changed, forced: ${isMoreThanChecksum}`, async (context) => {
      const { change, pass, supervisor, selection } = await watching(context, isMoreThanChecksum);
      change('new');
      await pass(() => supervisor.swaps.length === 1);
      assert.deepEqual(supervisor.swaps, [isMoreThanChecksum]);
      await selection.close();
    });
  }

  it('tries a file again that was written to while it was copied', async (context) => {
    const { change, pass, supervisor, selection } = await watching(context, false);
    const error = new PluginError('PLUGIN_FILE_BUSY', 'It was written to.');
    supervisor.swapped = { kind: 'failed', failure: { at: 1, error, lastLines: [] } };
    change('new');
    await pass(() => supervisor.swaps.length === 2);
    await selection.close();
  });

  it('reports what happens to the process', () => {
    const { emitted, hooks } = build();
    hooks.onEvent({ kind: 'state', name: 'mine', from: 'starting', to: 'ready', pid: 7 });
    assert.deepEqual(emitted, [
      { kind: 'plugin-state-changed', plugin: 'mine', state: 'ready', pid: 7, restarts: 0 },
    ]);
  });
});
