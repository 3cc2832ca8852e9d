import assert from 'node:assert/strict';
import { it } from 'node:test';
import { requestFor } from '@smtp-router/selector/testing';
import { withPlugin } from '../../ask-plugin.ts';

const file = new URL('../by-recipient-domain.ts', import.meta.url);

const config = { domains: { 'example.org': ['own'] } };

it('Recipients of a configured domain go by its downstreams, all others as configured', async () => {
  const request = requestFor({
    to: ['a@example.com', 'b@EXAMPLE.org', 'c@example.org'],
    downstreams: ['ses', 'own'],
  });
  await withPlugin({ file, config }, async (ask) => {
    assert.deepEqual(await ask(request), {
      kind: 'route',
      routes: [
        { recipientIds: [0], candidateIds: ['ses', 'own'] },
        { recipientIds: [1, 2], candidateIds: ['own'] },
      ],
      reason: 'by recipient domain',
    });
  });
});

it('Without recipients, as a host of version 1 asks, all goes as configured', async () => {
  await withPlugin({ file }, async (ask) => {
    const reply = await ask(requestFor({ downstreams: ['ses', 'own'] }));
    assert.deepEqual(reply.kind === 'route' && reply.routes, [
      { recipientIds: [], candidateIds: ['ses', 'own'] },
    ]);
  });
});

it('A domain without downstreams is refused by its place', async () => {
  const refused = withPlugin({ file, config: { domains: { 'a.b': [] } } }, () => Promise.resolve());
  await assert.rejects(refused, /domains\["a\.b"\]: names no downstream/);
});
