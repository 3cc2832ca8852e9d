import assert from 'node:assert/strict';
import { it } from 'node:test';
import { requestFor } from '@smtp-router/selector/testing';
import { orderOf, withPlugin } from '../../ask-plugin.ts';

const file = new URL('../round-robin.ts', import.meta.url);

it('Forty messages are spread evenly over four downstreams, in turn, whatever is asked in between', async () => {
  const ids = ['a', 'b', 'c', 'd'];
  await withPlugin({ file }, async (ask) => {
    for (let message = 0; message < 40; message += 1) {
      const first = message % ids.length;
      const order = [...ids.slice(first), ...ids.slice(0, first)];
      // Asking without sending takes nobody's turn.
      for (const dryRun of [true, false]) {
        const reply = await ask(requestFor({ downstreams: ids, more: { dryRun } }));
        assert.deepEqual(orderOf(reply), order);
      }
    }
  });
});
