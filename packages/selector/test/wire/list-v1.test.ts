import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseDownstreamListV1, viewsOfV1 } from '../../src/wire/list-v1.ts';
import { fuzzRuns } from '../fuzz-runs.ts';

describe('The list a plugin is given', () => {
  it('becomes views named by their address, without passwords', () => {
    const views = viewsOfV1([{ Addr: 'a:25', User: 'u', Pass: 'secret' }]);
    assert.deepEqual(
      views.map(({ id, addr, user }) => ({ id, addr, user })),
      [{ id: 'a:25', addr: 'a:25', user: 'u' }],
    );
    assert.ok(!JSON.stringify(views).includes('secret'));
  });

  it('tells accounts at one address apart by their login, and equal ones by a number', () => {
    const entry = (User: string) => ({ Addr: 'a:25', User, Pass: '' });
    assert.deepEqual(
      viewsOfV1([entry('u'), entry('v'), entry('v')]).map((view) => view.id),
      ['u@a:25', 'v@a:25', 'v@a:25#2'],
    );
  });

  it('always gets unique ids', () => {
    const text = fc.constantFrom('', 'a', 'b', '@a', 'a@a', '@a#2', '#2');
    fc.assert(
      fc.property(fc.array(fc.record({ Addr: text, User: text, Pass: text })), (list) => {
        const ids = viewsOfV1(list).map((view) => view.id);
        assert.equal(new Set(ids).size, list.length);
      }),
      { numRuns: fuzzRuns() },
    );
  });

  it('is refused when it is none', () => {
    for (const argument of [undefined, 'a:25', [1], [null], [{ Addr: 'a:25' }]]) {
      assert.throws(() => parseDownstreamListV1(argument), TypeError);
    }
  });
});
