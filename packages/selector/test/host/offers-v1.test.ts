import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type DownstreamView, requestWith, type SelectRequest, viewWith } from '../../src/contract/index.ts';
import { SelectorError } from '../../src/errors.ts';
import { OffersV1 } from '../../src/host/offers-v1.ts';
import { ADDRESS_V1, DOWNSTREAM_LIST_V1 } from '../../src/wire/index.ts';

const A = viewWith({ id: 'one', addr: 'a:25', user: 'u' });
const B = viewWith({ id: 'two', addr: 'b:25' });
const OPTIONS = { name: 'mine', tail: 'rest' } as const;

function request(downstreams: readonly DownstreamView[], user = 'app'): SelectRequest {
  return requestWith({ downstreams, session: { user } });
}

describe('OffersV1', () => {
  it('makes one offer of lists that a generation 1 plugin cannot tell apart', () => {
    const offers = new OffersV1(OPTIONS);
    const offer = offers.of(request([A, B]));
    const busy = { ...A, state: 'down', inFlight: 7, latencyMs: 3, hasLatency: true } as const;
    const disabled = viewWith({ id: 'three', addr: 'c:25', state: 'disabled' });
    assert.equal(offers.of(request([busy, { ...B }])), offer);
    assert.equal(offers.of(request([busy, disabled, { ...B }], 'another')), offer);
  });

  const changes: readonly (readonly [string, readonly DownstreamView[]])[] = [
    ['another id', [{ ...A, id: 'uno' }, B]],
    ['another address', [{ ...A, addr: 'a:26' }, B]],
    ['another login', [{ ...A, user: '' }, B]],
    ['another order', [B, A]],
    ['one more', [A, B, viewWith({ id: 'three' })]],
    ['one less', [A]],
    ['one disabled', [A, { ...B, state: 'disabled' }]],
  ];
  for (const [what, downstreams] of changes) {
    it(`makes a new offer for ${what}`, () => {
      const offers = new OffersV1(OPTIONS);
      offers.of(request([A, B]));
      const enabled = downstreams.filter(({ state }) => state !== 'disabled');
      assert.deepEqual(
        offers.of(request(downstreams)).argument.value,
        enabled.map(({ addr, user }) => ({ Addr: addr, User: user, Pass: '' })),
      );
    });
  }

  it('makes a new offer when a password has changed', () => {
    const passwords = new Map([['one', 'old']]);
    const offers = new OffersV1({ ...OPTIONS, passwordOf: (id) => passwords.get(id) });
    const offer = offers.of(request([A]));
    assert.equal(offers.of(request([A])), offer);
    passwords.set('one', 'new');
    assert.deepEqual(offers.of(request([A])).argument.value, [{ Addr: 'a:25', User: 'u', Pass: 'new' }]);
  });

  it('remembers the offer to each user', () => {
    const offers = new OffersV1(OPTIONS);
    const ofOne = offers.of(request([A], 'one'));
    const ofTwo = offers.of(request([B], 'two'));
    assert.equal(offers.of(request([A], 'one')), ofOne);
    assert.equal(offers.of(request([B], 'two')), ofTwo);
  });
});

describe('An offer', () => {
  const offer = new OffersV1(OPTIONS).of(request([A, B]));
  const candidates = (addr: string) => {
    const reply = offer.read({ type: ADDRESS_V1, value: addr }, request([A, B]));
    return reply.kind === 'route' ? reply.routes.map((route) => route.candidateIds) : [];
  };

  it('reads each address alike every time', () => {
    for (let time = 0; time < 2; time += 1) {
      assert.deepEqual(candidates('b:25'), [['two', 'one']]);
      assert.deepEqual(candidates('a:25'), [['one', 'two']]);
    }
  });

  it('refuses an address it does not hold every time', () => {
    for (let time = 0; time < 2; time += 1) {
      assert.throws(
        () => candidates('c:25'),
        (error) => error instanceof SelectorError && error.code === 'SELECTOR_UNKNOWN_DOWNSTREAM',
      );
    }
  });

  it('reads a list after an address, and what is neither is at fault', () => {
    candidates('b:25');
    const list = { type: DOWNSTREAM_LIST_V1, value: [{ Addr: 'a:25', User: 'u', Pass: '' }] };
    const reply = offer.read(list, request([A, B]));
    assert.deepEqual(reply.kind === 'route' && reply.routes[0]?.candidateIds, ['one']);
    assert.throws(
      () => offer.read({ type: { kind: 'int' }, value: 3 }, request([A, B])),
      (error) => error instanceof SelectorError && error.code === 'SELECTOR_REPLY_SHAPE',
    );
  });
});
