import assert from 'node:assert/strict';
import { it } from 'node:test';
import { requestFor } from '@smtp-router/selector/testing';
import { orderOf, withPlugin } from '../../ask-plugin.ts';

const file = new URL('../elsewhere-after-two-failures.ts', import.meta.url);

const attempt = {
  recipientIds: [0],
  startedAt: 0,
  durationMs: 10,
  phase: 'rcpt',
  code: 451,
  enhancedCode: '4.7.1',
  text: 'later',
};

it('A downstream that failed twice for a message comes last, one that failed once does not', async () => {
  const words = { to: ['a@example.com'], downstreams: ['first', 'second', 'third'] };
  const failed = (downstreamId: string) => ({ ...attempt, downstreamId, kind: 'deferred' });
  const delivered = { ...attempt, downstreamId: 'second', kind: 'delivered' };
  await withPlugin({ file }, async (ask) => {
    const order = async (...ids: readonly string[]) =>
      orderOf(await ask(requestFor({ ...words, more: { history: [...ids.map(failed), delivered] } })));
    assert.deepEqual(await order(), ['first', 'second', 'third']);
    assert.deepEqual(await order('first', 'second'), ['first', 'second', 'third']);
    assert.deepEqual(await order('first', 'second', 'first'), ['second', 'third', 'first']);
  });
});
