import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { requestWith, validateReply, viewWith } from '../../src/contract/index.ts';
import { SelectorError } from '../../src/errors.ts';
import { fuzzRuns } from '../fuzz-runs.ts';

const REQUEST = requestWith({
  downstreams: [viewWith({ id: 'a' }), viewWith({ id: 'b' })],
  envelope: {
    recipients: [
      { id: 0, address: 'x@example.com', domain: 'example.com' },
      { id: 1, address: 'y@example.org', domain: 'example.org' },
    ],
  },
});

function route(recipientIds: readonly unknown[], candidateIds: readonly unknown[]): unknown {
  return { recipientIds, candidateIds };
}

function routes(...list: readonly unknown[]): unknown {
  return { kind: 'route', routes: list, reason: 'test' };
}

function check(reply: unknown) {
  return validateReply(reply, REQUEST, 'mine');
}

describe('A valid reply passes', () => {
  it('as one route for all recipients', () => {
    assert.deepEqual(check(routes(route([], ['b', 'a']))), routes(route([], ['b', 'a'])));
  });

  it('as routes that share out the recipients', () => {
    const reply = routes(route([1], ['a']), route([0], ['b']));
    assert.deepEqual(check(reply), reply);
  });

  it('with a candidate named twice kept once, at its first place', () => {
    assert.deepEqual(check(routes(route([], ['b', 'a', 'b']))), routes(route([], ['b', 'a'])));
  });

  it('as a verdict with a fitting code or none', () => {
    for (const [kind, code] of [
      ['defer', 451],
      ['defer', 0],
      ['reject', 550],
      ['hold', 0],
    ] as const) {
      const verdict = { kind, code, text: 'no', reason: 'r' };
      assert.deepEqual(check(verdict), verdict);
    }
  });

  it('with texts cut to 500 characters and their control characters made spaces', () => {
    const reply = check({ kind: 'hold', code: 0, text: 'a\r\nb\u2028c', reason: 'ü'.repeat(600) });
    assert.deepEqual(reply, { kind: 'hold', code: 0, text: 'a  b c', reason: 'ü'.repeat(500) });
  });

  it('without what does not belong to the contract', () => {
    assert.deepEqual(check({ kind: 'hold', code: 0, text: '', reason: '', password: 'x' }), {
      kind: 'hold',
      code: 0,
      text: '',
      reason: '',
    });
  });
});

describe('A reply at fault is refused with its code and the name of the selector', () => {
  const cases: readonly (readonly [string, unknown, string])[] = [
    ['nothing', undefined, 'SELECTOR_REPLY_SHAPE'],
    ['a list', [], 'SELECTOR_REPLY_SHAPE'],
    ['an unknown kind', { kind: 'drop' }, 'SELECTOR_REPLY_SHAPE'],
    ['routes that are no list', { kind: 'route', routes: {}, reason: '' }, 'SELECTOR_REPLY_SHAPE'],
    ['a route that is no object', routes('a'), 'SELECTOR_REPLY_SHAPE'],
    ['candidates that are no list', routes({ recipientIds: [], candidateIds: 'a' }), 'SELECTOR_REPLY_SHAPE'],
    ['a candidate that is no string', routes(route([], [1])), 'SELECTOR_REPLY_SHAPE'],
    ['a recipient that is no number', routes(route(['0'], ['a'])), 'SELECTOR_REPLY_SHAPE'],
    ['a reason that is no text', { kind: 'route', routes: [route([], ['a'])] }, 'SELECTOR_REPLY_SHAPE'],
    ['a defer with 550', { kind: 'defer', code: 550, text: '', reason: '' }, 'SELECTOR_REPLY_SHAPE'],
    ['a reject with 250', { kind: 'reject', code: 250, text: '', reason: '' }, 'SELECTOR_REPLY_SHAPE'],
    ['a hold with a code', { kind: 'hold', code: 451, text: '', reason: '' }, 'SELECTOR_REPLY_SHAPE'],
    [
      'a code that is no integer',
      { kind: 'defer', code: 451.5, text: '', reason: '' },
      'SELECTOR_REPLY_SHAPE',
    ],
    ['no route', routes(), 'SELECTOR_EMPTY_REPLY'],
    ['a route without candidates', routes(route([], [])), 'SELECTOR_EMPTY_REPLY'],
    ['an unknown downstream', routes(route([], ['c'])), 'SELECTOR_UNKNOWN_DOWNSTREAM'],
    ['an unknown recipient', routes(route([0, 1, 2], ['a'])), 'SELECTOR_UNKNOWN_RECIPIENT'],
    ['a recipient twice', routes(route([0, 1], ['a']), route([1], ['b'])), 'SELECTOR_RECIPIENT_NOT_ONCE'],
    ['a recipient left out', routes(route([0], ['a'])), 'SELECTOR_RECIPIENT_NOT_ONCE'],
    [
      'a route for all beside another',
      routes(route([], ['a']), route([0], ['b'])),
      'SELECTOR_RECIPIENT_NOT_ONCE',
    ],
    ['too many ids', routes(route([], Array(10_001).fill('a'))), 'SELECTOR_REPLY_TOO_LONG'],
  ];
  for (const [what, reply, code] of cases) {
    it(what, () => {
      assert.throws(
        () => check(reply),
        (error) => error instanceof SelectorError && error.code === code && error.message.includes('"mine"'),
      );
    });
  }

  it('showing a foreign name escaped and cut, never raw', () => {
    const hostile = `evil\r\n\u001b[31m"${'x'.repeat(10_000)}`;
    assert.throws(
      () => check(routes(route([], [hostile]))),
      (error) =>
        error instanceof SelectorError &&
        error.message.includes('"evil\\u000d\\u000a\\u001b[31m\\"xx') &&
        error.message.length < 250,
    );
  });
});

describe('Any value', () => {
  it('is either refused by a SelectorError or becomes a reply with ids of the request only', () => {
    const id = fc.oneof(fc.constantFrom('a', 'b'), fc.string());
    const recipientId = fc.oneof(fc.constantFrom(0, 1), fc.anything());
    const almost = fc.record({
      kind: fc.constantFrom('route', 'defer', 'reject', 'hold'),
      routes: fc.array(fc.record({ recipientIds: fc.array(recipientId), candidateIds: fc.array(id) })),
      code: fc.oneof(fc.integer({ min: 0, max: 600 }), fc.anything()),
      text: fc.string({ unit: 'binary' }),
      reason: fc.string({ unit: 'binary' }),
    });
    fc.assert(
      fc.property(fc.oneof(fc.anything(), almost), (value) => {
        let reply: ReturnType<typeof check>;
        try {
          reply = check(value);
        } catch (error) {
          assert.ok(error instanceof SelectorError);
          return;
        }
        assert.doesNotMatch(reply.reason, /[\p{C}\p{Zl}\p{Zp}]/u);
        if (reply.kind !== 'route') return;
        const candidates = reply.routes.flatMap((each) => each.candidateIds);
        assert.ok(candidates.every((candidate) => candidate === 'a' || candidate === 'b'));
        const recipients = reply.routes.flatMap((each) => each.recipientIds).toSorted();
        assert.ok(recipients.length === 0 || (recipients.length === 2 && recipients[0] === 0));
      }),
      { numRuns: fuzzRuns() },
    );
  });
});
