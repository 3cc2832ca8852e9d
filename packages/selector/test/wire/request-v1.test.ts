import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { requestWith, viewWith } from '../../src/contract/index.ts';
import { buildRequestV1 } from '../../src/wire/request-v1.ts';

const REQUEST = requestWith({
  downstreams: [
    viewWith({ id: 'ses', addr: 'ses.example:587', user: 'AKIA', state: 'down' }),
    viewWith({ id: 'off', addr: 'off.example:25', state: 'disabled' }),
    viewWith({ id: 'own', addr: 'own.example:25' }),
  ],
});

describe('A generation 1 request', () => {
  it('lists the downstreams in configured order without passwords', () => {
    assert.deepEqual(buildRequestV1(REQUEST).list, [
      { Addr: 'ses.example:587', User: 'AKIA', Pass: '' },
      { Addr: 'own.example:25', User: '', Pass: '' },
    ]);
  });

  it('holds passwords only where the operator exposes them', () => {
    const passwords = new Map([['ses', 'secret']]);
    const { list } = buildRequestV1(REQUEST, (id) => passwords.get(id));
    assert.deepEqual(
      list.map((entry) => entry.Pass),
      ['secret', ''],
    );
  });

  it('leaves disabled downstreams out, since such a plugin cannot see their state', () => {
    const { offered } = buildRequestV1(REQUEST);
    assert.deepEqual(
      offered.map((view) => view.id),
      ['ses', 'own'],
    );
  });
});
