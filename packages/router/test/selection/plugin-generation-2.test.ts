import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { requestFor } from '@smtp-router/selector/testing';
import { createPluginSelection, type PluginSelection } from '../../src/selection/plugin-selection.ts';
import type { PluginSelectionOptions } from '../../src/selection/plugin-selection-options.ts';

function selectionWith(settings: PluginSelectionOptions['settings']): PluginSelection {
  return createPluginSelection({
    name: 'tag',
    command: [process.execPath, fileURLToPath(new URL('./fixtures/tag-plugin.ts', import.meta.url))],
    env: {},
    startTimeoutMs: 30_000,
    timeoutMs: 10_000,
    maxInFlight: 16,
    onFailure: 'in-order',
    tail: 'rest',
    events: { emit: () => undefined },
    ...(settings !== undefined && { settings }),
  });
}

function tagged(tag: string) {
  return requestFor({
    to: ['a@example.com', 'b@example.org'],
    downstreams: ['one', 'two', 'three'],
    headers: { Subject: 'Hello', 'X-Tag': tag },
  });
}

describe('A plugin that speaks generation 2', () => {
  let selection: PluginSelection;

  before(async () => {
    selection = selectionWith({ json: '{"deny":["x"]}', locate: (path) => path });
    await selection.start();
  });

  after(() => selection.close());

  it('negotiated it, and was configured', () => {
    assert.deepEqual([selection.status().state, selection.status().appVersion], ['ready', 2]);
  });

  it('decides by a header field it asked for; what it leaves out is not tried', async () => {
    const { reply, record } = await selection.select(tagged('two'));
    assert.equal(record.decidedBy, 'selector');
    assert.deepEqual(reply.kind === 'route' && reply.routes, [{ recipientIds: [], candidateIds: ['two'] }]);
  });

  it('splits a message by recipients and says why', async () => {
    const { reply } = await selection.select(tagged('split'));
    assert.deepEqual(reply, {
      kind: 'route',
      routes: [
        { recipientIds: [0], candidateIds: ['one'] },
        { recipientIds: [1], candidateIds: ['two'] },
      ],
      reason: 'split Hello',
    });
  });

  it('refuses a message', async () => {
    const { reply } = await selection.select(tagged('reject'));
    assert.deepEqual(reply, { kind: 'reject', code: 554, text: 'No such tag', reason: 'told so' });
  });

  it('is answered for when it names a downstream that was not offered', async () => {
    const { record } = await selection.select(tagged('four'));
    assert.equal(record.decidedBy, 'fallback');
    assert.match(record.faultCode ?? '', /^(?:PLUGIN_CALL_FAILED|SELECTOR_UNKNOWN_DOWNSTREAM)$/);
  });
});

it('A plugin that refuses its configuration is not used, and says where the fault is', async () => {
  const selection = selectionWith({
    json: '{"deny":["x",7]}',
    locate: (path) => `c.yaml:8:20 selectors.tag.config.${path}`,
  });
  try {
    await selection.start();
    const { lastFailure } = selection.status();
    assert.equal(lastFailure?.error.code, 'PLUGIN_OPEN_FAILED');
    assert.match(
      lastFailure?.error.message ?? '',
      /"tag".*c\.yaml:8:20 selectors\.tag\.config\.deny\[1\]: must be text/,
    );
    const { record } = await selection.select(tagged('two'));
    assert.deepEqual([record.decidedBy, record.routes], ['fallback', [['one', 'two', 'three']]]);
  } finally {
    await selection.close();
  }
});
