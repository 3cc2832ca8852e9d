import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { GobType } from '@smtp-router/go-plugin/gob';
import fc from 'fast-check';
import { viewWith } from '../../src/contract/index.ts';
import { SelectorError } from '../../src/errors.ts';
import { ADDRESS_V1, DOWNSTREAM_LIST_V1 } from '../../src/wire/downstream-v1.ts';
import { parseReplyV1, resolveReplyV1, type Tail } from '../../src/wire/reply-v1.ts';
import { fuzzRuns } from '../fuzz-runs.ts';

const OFFERED = [
  viewWith({ id: 'one', addr: 'smtp.example:587', user: 'first' }),
  viewWith({ id: 'two', addr: 'smtp.example:587', user: 'second' }),
  viewWith({ id: 'three', addr: 'other.example:25' }),
];

function answer(type: GobType, value: unknown, tail: Tail = 'rest'): readonly string[] {
  const reply = parseReplyV1({ type, value }, 'mine');
  return resolveReplyV1(reply, { offered: OFFERED, tail, selector: 'mine' });
}

function listed(...entries: readonly (readonly [addr: string, user: string])[]): readonly string[] {
  return answer(
    DOWNSTREAM_LIST_V1,
    entries.map(([Addr, User]) => ({ Addr, User, Pass: '' })),
  );
}

function fault(code: string): (error: unknown) => boolean {
  return (error) =>
    error instanceof SelectorError && error.code === code && error.message.startsWith('Selector "mine"');
}

describe('A string answer', () => {
  it('is followed by the rest in configured order', () => {
    assert.deepEqual(answer(ADDRESS_V1, 'other.example:25'), ['three', 'one', 'two']);
  });

  it('stands alone when the tail is none', () => {
    assert.deepEqual(answer(ADDRESS_V1, 'other.example:25', 'none'), ['three']);
  });

  it('means the first configured of several with that address', () => {
    assert.deepEqual(answer(ADDRESS_V1, 'smtp.example:587'), ['one', 'two', 'three']);
  });

  it('that is empty is a fault', () => {
    assert.throws(() => answer(ADDRESS_V1, ''), fault('SELECTOR_EMPTY_REPLY'));
  });

  for (const hostile of [
    'evil.example:25',
    'smtp.example:587\r\n',
    ' smtp.example:587',
    'SMTP.example:587',
    'one',
    '__proto__',
    'x'.repeat(1_000_000),
  ]) {
    it(`${JSON.stringify(hostile.slice(0, 30))} is no downstream of the list`, () => {
      assert.throws(() => answer(ADDRESS_V1, hostile), fault('SELECTOR_UNKNOWN_DOWNSTREAM'));
    });
  }
});

describe('A list answer', () => {
  it('is taken as it is: nothing follows', () => {
    assert.deepEqual(listed(['other.example:25', ''], ['smtp.example:587', 'second']), ['three', 'two']);
  });

  it('matches by address alone when the login is not among those offered', () => {
    assert.deepEqual(listed(['smtp.example:587', '']), ['one']);
  });

  it('gives each account its place when only addresses are answered', () => {
    assert.deepEqual(listed(['smtp.example:587', ''], ['smtp.example:587', '']), ['one', 'two']);
  });

  it('counts a repeated entry once', () => {
    assert.deepEqual(listed(['other.example:25', ''], ['other.example:25', '']), ['three']);
  });

  it('that is empty is a fault', () => {
    assert.throws(() => listed(), fault('SELECTOR_EMPTY_REPLY'));
  });

  it('with one unknown entry is a fault as a whole', () => {
    assert.throws(
      () => listed(['other.example:25', ''], ['evil.example:25', '']),
      fault('SELECTOR_UNKNOWN_DOWNSTREAM'),
    );
  });

  it('with more than 1000 entries is a fault before it is looked at', () => {
    const entries = Array.from({ length: 1001 }, () => ['other.example:25', ''] as const);
    assert.throws(() => listed(...entries), fault('SELECTOR_REPLY_TOO_LONG'));
  });

  it('may lack User and hold fields of its own', () => {
    const type: GobType = {
      kind: 'slice',
      name: '',
      element: { kind: 'struct', name: 'D', fields: [{ name: 'Addr', type: ADDRESS_V1 }] },
    };
    assert.deepEqual(answer(type, [{ Addr: 'smtp.example:587', Note: 1 }]), ['one']);
  });
});

describe('An answer of any other shape is a fault', () => {
  const int: GobType = { kind: 'int' };
  const withoutAddr: GobType = {
    kind: 'slice',
    name: '',
    element: { kind: 'struct', name: 'D', fields: [{ name: 'Host', type: ADDRESS_V1 }] },
  };
  const cases: readonly (readonly [string, GobType, unknown])[] = [
    ['an int', int, 1],
    ['bytes', { kind: 'bytes' }, new Uint8Array(3)],
    ['a list of strings', { kind: 'slice', name: '', element: ADDRESS_V1 }, ['other.example:25']],
    ['one struct', DOWNSTREAM_LIST_V1.element, { Addr: 'other.example:25', User: '', Pass: '' }],
    ['a map', { kind: 'map', name: '', key: ADDRESS_V1, element: int }, new Map()],
    ['structs without Addr', withoutAddr, []],
    ['an Addr that is a number', DOWNSTREAM_LIST_V1, [{ Addr: 25, User: '', Pass: '' }]],
    ['an entry that is null', DOWNSTREAM_LIST_V1, [null]],
    [
      'an Addr inherited from the prototype',
      DOWNSTREAM_LIST_V1,
      [Object.create({ Addr: 'other.example:25' })],
    ],
  ];
  for (const [what, type, value] of cases) {
    it(what, () => assert.throws(() => answer(type, value), fault('SELECTOR_REPLY_SHAPE')));
  }
});

describe('Whatever a plugin answers', () => {
  const addr = fc.oneof(
    fc.constantFrom('smtp.example:587', 'other.example:25', '', '\r\nMAIL FROM:<x>', '__proto__'),
    fc.string({ unit: 'binary' }),
  );
  const entry = fc.record({ Addr: addr, User: fc.oneof(fc.constantFrom('first', 'second', ''), addr) });

  it('becomes ids of the list, each once, or a SelectorError that is fit for a log', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          addr.map((value) => ({ type: ADDRESS_V1 as GobType, value: value as unknown })),
          fc.array(entry).map((value) => ({ type: DOWNSTREAM_LIST_V1 as GobType, value: value as unknown })),
          fc.anything().map((value) => ({ type: DOWNSTREAM_LIST_V1 as GobType, value })),
        ),
        fc.constantFrom<Tail>('rest', 'none'),
        ({ type, value }, tail) => {
          try {
            const ids = answer(type, value, tail);
            assert.ok(ids.length > 0);
            assert.equal(new Set(ids).size, ids.length);
            assert.ok(ids.every((id) => ['one', 'two', 'three'].includes(id)));
          } catch (error) {
            assert.ok(error instanceof SelectorError, String(error));
            assert.match(error.message, /^[\x20-\x7e…]{1,250}$/);
          }
        },
      ),
      { numRuns: fuzzRuns() },
    );
  });

  it('an honest permutation of the list comes back as that permutation', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(OFFERED, { minLength: 1 }), (chosen) => {
        const ids = listed(...chosen.map((view) => [view.addr, view.user] as const));
        assert.deepEqual(
          ids,
          chosen.map((view) => view.id),
        );
      }),
      { numRuns: fuzzRuns() },
    );
  });
});
