import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { GO_PLUGIN_ERRORS, PluginError } from '@smtp-router/go-plugin/errors';
import type { RouterEvent } from '../../src/events/router-event.ts';
import { PluginEvents } from '../../src/selection/plugin-events.ts';

function pluginEvents(starts = 1) {
  const emitted: RouterEvent[] = [];
  const events = new PluginEvents({
    plugin: 'mine',
    sink: { emit: (event) => emitted.push(event) },
    secrets: ['hunter2'],
    starts: () => starts,
  });
  return { emitted, events };
}

describe('Events of a supervisor become events of the router', () => {
  it('with the process that became ready', () => {
    const { emitted, events } = pluginEvents();
    events.report({ kind: 'state', name: 'mine', from: 'starting', to: 'ready', pid: 42 });
    assert.deepEqual(emitted, [
      { kind: 'plugin-state-changed', plugin: 'mine', state: 'ready', pid: 42, restarts: 0 },
    ]);
  });

  it('with what happened, what to do and how often it was started again', () => {
    const { emitted, events } = pluginEvents(4);
    const error = new PluginError('PLUGIN_EXITED_EARLY', 'The plugin "mine" exited with status 3.');
    events.report({
      kind: 'state',
      name: 'mine',
      from: 'ready',
      to: 'restarting',
      failure: { at: 1, error, status: 3, lastLines: [] },
    });
    assert.deepEqual(emitted, [
      {
        kind: 'plugin-state-changed',
        plugin: 'mine',
        state: 'restarting',
        restarts: 3,
        faultCode: 'PLUGIN_EXITED_EARLY',
        message: `The plugin "mine" exited with status 3. ${GO_PLUGIN_ERRORS.PLUGIN_EXITED_EARLY.remedy}`,
      },
    ]);
  });

  it('except closing, which stopped follows', () => {
    const { emitted, events } = pluginEvents();
    events.report({ kind: 'state', name: 'mine', from: 'ready', to: 'closing' });
    events.report({ kind: 'state', name: 'mine', from: 'closing', to: 'stopped' });
    assert.deepEqual(
      emitted.map((event) => event.kind === 'plugin-state-changed' && event.state),
      ['stopped'],
    );
  });

  it('with output under the name of the plugin and the process that wrote it', () => {
    const { emitted, events } = pluginEvents();
    const output = { kind: 'print', stream: 'stdout', text: 'pass hunter2' } as const;
    events.report({ kind: 'output', name: 'mine', pid: 42, output });
    assert.deepEqual(emitted[0], {
      kind: 'plugin-output',
      plugin: 'mine',
      pid: 42,
      level: 'info',
      message: 'pass [secret]',
    });
  });

  it('with a swap, and with why there was none', () => {
    const { emitted, events } = pluginEvents();
    const swap = { kind: 'swapped', from: 41, pid: 42, sha256: 'ab', durationMs: 30 } as const;
    events.report({ kind: 'swapped', name: 'mine', swap });
    const error = new PluginError('PLUGIN_PROBE_FAILED', 'The new process of plugin "mine" failed.');
    events.report({ kind: 'swap-failed', name: 'mine', failure: { at: 1, error, lastLines: [] } });
    assert.deepEqual(emitted, [
      { kind: 'plugin-swapped', plugin: 'mine', from: 41, pid: 42, sha256: 'ab', durationMs: 30 },
      {
        kind: 'plugin-swap-failed',
        plugin: 'mine',
        faultCode: 'PLUGIN_PROBE_FAILED',
        message: `The new process of plugin "mine" failed. ${GO_PLUGIN_ERRORS.PLUGIN_PROBE_FAILED.remedy}`,
      },
    ]);
  });

  it('with a warning', () => {
    const { emitted, events } = pluginEvents();
    const error = new PluginError('PLUGIN_NOT_COPIED', 'Plugin "mine" is not copied; it runs as it is.');
    events.report({ kind: 'warning', name: 'mine', error });
    assert.deepEqual(emitted, [
      { kind: 'plugin-warning', plugin: 'mine', faultCode: 'PLUGIN_NOT_COPIED', message: error.message },
    ]);
  });
});
