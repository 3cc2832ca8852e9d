import assert from 'node:assert/strict';
import { it } from 'node:test';
import { requestFor } from '@smtp-router/selector/testing';
import { orderOf, withPlugin } from '../../ask-plugin.ts';

const file = new URL('../cheapest-healthy.ts', import.meta.url);

it('The cheapest healthy downstream comes first; those without a price, and those in trouble, come last', async () => {
  const request = requestFor({
    downstreams: [
      'unpriced',
      { id: 'dear', cost: 2, hasCost: true },
      { id: 'down', cost: 0, hasCost: true, state: 'down' },
      { id: 'free', cost: 0, hasCost: true },
    ],
  });
  await withPlugin({ file }, async (ask) => {
    assert.deepEqual(orderOf(await ask(request)), ['free', 'dear', 'unpriced', 'down']);
  });
});
