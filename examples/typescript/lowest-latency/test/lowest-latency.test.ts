import assert from 'node:assert/strict';
import { it } from 'node:test';
import { requestFor } from '@smtp-router/selector/testing';
import { orderOf, withPlugin } from '../../ask-plugin.ts';

const file = new URL('../lowest-latency.ts', import.meta.url);

it('The fastest healthy downstream comes first, after those that are not measured yet', async () => {
  const request = requestFor({
    downstreams: [
      { id: 'slow', latencyMs: 900, hasLatency: true },
      { id: 'down', latencyMs: 1, hasLatency: true, state: 'down' },
      { id: 'fast', latencyMs: 20, hasLatency: true },
      'new',
    ],
  });
  await withPlugin({ file }, async (ask) => {
    assert.deepEqual(orderOf(await ask(request)), ['new', 'fast', 'slow', 'down']);
  });
});
