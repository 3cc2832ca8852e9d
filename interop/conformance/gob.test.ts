import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { PluginError } from '@smtp-router/go-plugin/errors';
import {
  GOB_BOOL,
  GOB_BYTES,
  GOB_INT,
  GOB_INTERFACE,
  GOB_STRING,
  GobDecoder,
  GobEncoder,
  GobInterfaceValue,
  gobMap,
  gobSlice,
  gobStruct,
} from '@smtp-router/go-plugin/gob';
import go126 from '../../packages/go-plugin/test/fixtures/gob-go-1.26.json' with { type: 'json' };
import golden from '../../packages/go-plugin/test/fixtures/gob-golden.json' with { type: 'json' };
import refused from '../../packages/go-plugin/test/fixtures/gob-refused.json' with { type: 'json' };
import {
  decodeChunks,
  fromHex,
  pieces,
  toHex,
  withPrototypes,
} from '../../packages/go-plugin/test/gob/gob-stream.ts';
import { GOLDEN_VALUES } from '../../packages/go-plugin/test/gob/golden-values.ts';
import { DATA, FIN } from './support/frames.ts';
import { GoHost } from './support/go-host.ts';
import { CALL, launchKit } from './support/go-plugin-kit.ts';
import { decodeTime, EVERYTHING, encodeTime, INNER, REGISTRY } from './support/kit-contract.ts';
import { PluginProcess, pluginCommand } from './support/plugin-process.ts';
import { dialKit, RawHost } from './support/raw-host.ts';
import { fixtureStatement, statement } from './support/statement.ts';

const NOON = Date.UTC(2026, 10, 28, 12, 0, 0, 250);

/** A value of every kind, and what Go's JSON says of it. */
const VALUE = {
  Truth: true,
  Small: -128,
  Large: -(2n ** 63n),
  Count: 2n ** 64n - 1n,
  Ratio: -0.5,
  Wave: { real: 1, imaginary: -2 },
  Text: 'grüße',
  Data: new Uint8Array([0, 1, 255]),
  Texts: ['a', ''],
  List: [
    { A: 1, B: 'x' },
    { A: 0, B: '' },
  ],
  Table: new Map([['k', { A: 2, B: 'y' }]]),
  Numbers: new Map([[-1, 'minus']]),
  Triple: [0, 5, 0],
  Pointer: { A: 3, B: 'z' },
  Next: { Text: 'next', Next: { Text: 'last' } },
  When: encodeTime(NOON),
};

const TOLD = {
  Truth: true,
  Small: -128,
  Ratio: -0.5,
  Text: 'grüße',
  Data: 'AAH/',
  Texts: ['a', ''],
  List: [
    { A: 1, B: 'x' },
    { A: 0, B: '' },
  ],
  Table: { k: { A: 2, B: 'y' } },
  Numbers: { '-1': 'minus' },
  Triple: [0, 5, 0],
  Pointer: { A: 3, B: 'z' },
  When: '2026-11-28T12:00:00.25Z',
};

describe('gob', () => {
  fixtureStatement('34. Recorded streams of Go decode, and encode again to the same bytes.', () => {
    for (const { name, firstTypeId, hex } of [...golden, ...go126]) {
      const known = GOLDEN_VALUES[name];
      assert.ok(known, name);
      const { type, values, decoded = values, registry } = known;
      const encoder = new GobEncoder({ firstTypeId, ...(registry && { registry }) });
      const written = values.map((value) => {
        encoder.encode(type, value);
        return toHex(encoder.takeOutput());
      });
      assert.deepEqual(written, hex, name);
      const found = decodeChunks([fromHex(hex.join(''))]);
      assert.deepEqual(
        found.map(({ value }) => withPrototypes(value)),
        decoded,
        name,
      );
    }
  });

  statement('35. Integers from -2^63 to 2^63-1 and up to 2^64-1 survive.', async (t, release) => {
    const { kit } = await launchKit(t, release);
    for (const number of [0, 1, -1, 63, 64, -65, 2 ** 31, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER]) {
      assert.equal(await kit.call('Integer', number), number);
    }
    for (const number of [2n ** 53n, 2n ** 63n - 1n, -(2n ** 63n)]) {
      assert.equal(await kit.call('Integer', number), number);
    }
    for (const number of [0, 127, 128, 2 ** 32, 2n ** 63n, 2n ** 64n - 1n]) {
      assert.equal(await kit.call('Unsigned', number), number);
    }
  });

  statement(
    '36. Fields Go leaves out because they are zero are filled in from the definition, also in nested structs.',
    async (t, release) => {
      const { kit } = await launchKit(t, release);
      const answer = await kit.call('Everything', { List: [{ A: 0, B: '' }], Pointer: { B: 'p' } });
      assert.deepEqual(withPrototypes(answer), {
        Truth: false,
        Small: 0,
        Large: 0,
        Count: 0,
        Ratio: 0,
        Wave: { real: 0, imaginary: 0 },
        Text: '',
        Data: new Uint8Array(),
        Texts: [],
        List: [{ A: 0, B: '' }],
        Table: new Map(),
        Numbers: new Map(),
        Triple: [0, 0, 0],
        Pointer: { A: 0, B: 'p' },
        Next: null,
        // An encoding of its own has no zero but nothing.
        When: new Uint8Array(),
      });
    },
  );

  statement(
    '37. Fields Go does not know are ignored by it, and their order does not matter.',
    async (t, release) => {
      const { kit } = await launchKit(t, release);
      const type = gobStruct('Another', {
        Unknown: gobSlice(gobMap(GOB_STRING, INNER)),
        Pointer: gobStruct('Wider', { B: GOB_STRING, Extra: GOB_INT, A: GOB_INT }),
        Text: GOB_STRING,
        Truth: GOB_BOOL,
      });
      const value = {
        Unknown: [new Map([['k', { A: 1, B: '' }]])],
        Pointer: { B: 'b', Extra: 9, A: 1 },
        Text: 'text',
        Truth: true,
      };
      const { value: told } = await kit.channel.call('Describe', { type, value }, CALL);
      const { Pointer, Text, Truth } = JSON.parse(String(told));
      assert.deepEqual({ Pointer, Text, Truth }, { Pointer: { A: 1, B: 'b' }, Text: 'text', Truth: true });
    },
  );

  statement(
    '38. A struct without a field in common is an error of that call, in the words of Go, and the connection stays usable.',
    async (t, release) => {
      const { kit } = await launchKit(t, release);
      const type = gobStruct('Stranger', { Nothing: GOB_INT });
      await assert.rejects(
        kit.channel.call('Describe', { type, value: { Nothing: 1 } }, CALL),
        (error) =>
          error instanceof PluginError &&
          error.code === 'PLUGIN_CALL_FAILED' &&
          /gob: type mismatch/.test(error.message),
      );
      await assert.rejects(kit.channel.call('Text', { type: GOB_INT, value: 1 }, CALL), /gob: /);
      assert.equal(await kit.call('Text', 'usable'), 'usable');
    },
  );

  statement(
    '39. Go accepts all definitions before the value, for nested slices, maps and structs.',
    async (t, release) => {
      const { kit } = await launchKit(t, release);
      const {
        Large: _large,
        Count: _count,
        Next: _next,
        ...told
      } = JSON.parse(String(await kit.call('Describe', VALUE)));
      assert.deepEqual(told, TOLD);
    },
  );

  statement(
    '40. Interfaces hold nil, basic kinds, registered structs and maps of interfaces; a value cut into several messages decodes.',
    async (t, release) => {
      const plugin = await PluginProcess.start(t, await pluginCommand('Go', release));
      const host = new RawHost(await plugin.connect(t));
      const { calls } = await dialKit(host, REGISTRY);
      const held = [
        null,
        any('string', 'x'),
        any('int', -5),
        any('float64', 1.5),
        any('bool', true),
        any('[]uint8', new Uint8Array([1, 2])),
        any('[]string', ['a', '']),
        any('kit.Inner', { A: 1, B: 'b' }),
        any('map[string]interface {}', new Map([['k', any('kit.Inner', { A: 2, B: '' })]])),
        any('[]interface {}', [any('int', 1), any('string', 's')]),
      ];
      for (const value of held) {
        assert.deepEqual(withPrototypes(await calls.call('Plugin.Any', GOB_INTERFACE, value)), value);
      }
      const goHost = await GoHost.start(t, release);
      for (const value of ['text', 1.5, true, null]) assert.equal(await goHost.call('Any', value), value);
    },
  );

  statement(
    '41. Recursive types, pointers, arrays, bytes beside lists of strings, and maps by number mean the same to both sides.',
    async (t, release) => {
      const { kit } = await launchKit(t, release);
      const zero = await kit.call('Everything', {});
      const answer = withPrototypes(await kit.call('Everything', VALUE));
      const plainZero = Object(withPrototypes(zero));
      const next = { ...plainZero, Text: 'next', Next: { ...plainZero, Text: 'last' } };
      assert.deepEqual(answer, { ...VALUE, Next: next });
      const host = await GoHost.start(t, release);
      const sent = { ...TOLD, Large: 5, Count: 6, Next: { ...TOLD, Large: 7, Count: 8, Next: null } };
      assert.deepEqual(await host.call('Everything', sent), sent);
    },
  );

  statement('42. time.Time means the same moment to both sides.', async (t, release) => {
    const { kit } = await launchKit(t, release);
    const answer = await kit.call('Moment', encodeTime(NOON));
    assert.ok(answer instanceof Uint8Array);
    assert.equal(decodeTime(answer), NOON + 1000);
    const host = await GoHost.start(t, release);
    assert.equal(await host.call('Moment', '2026-11-28T12:00:00.25Z'), '2026-11-28T12:00:01.25Z');
  });

  statement('43. A type is defined once on a stream, and anew on the next one.', async (t, release) => {
    const { connection, kit, wire } = await launchKit(t, release);
    await kit.call('Everything', VALUE);
    await kit.call('Everything', VALUE);
    const sent = wire.frames('us').filter(({ type, streamId }) => type === DATA && streamId === 7);
    const definitions = sent.filter(({ payload }) => payload.includes('Numbers'));
    assert.equal(definitions.length, 1);
    await connection.ping(CALL);
    const plugin = await PluginProcess.start(t, await pluginCommand('Go', release));
    const host = new RawHost(await plugin.connect(t));
    const { calls, streamId } = await dialKit(host);
    const bytes = calls.encode('Plugin.Describe', EVERYTHING, VALUE);
    host.data(streamId, bytes);
    host.data(streamId, bytes);
    await host.frame('end of the stream', (each) => each.streamId === streamId && (each.flags & FIN) !== 0);
  });

  fixtureStatement(
    '44. Cut, oversized, deeply nested, unknown and redefined input is an error within bounded memory.',
    () => {
      for (const { name, hex, code } of refused) {
        for (const size of [Infinity, 1]) {
          const stream = fromHex(hex);
          const chunks = size === Infinity ? [stream] : pieces(stream, size);
          assert.throws(
            () => decodeChunks(chunks),
            (error) => error instanceof PluginError && error.code === code,
            name,
          );
        }
      }
      const decoder = new GobDecoder({ maxMessageBytes: 1000 });
      // A message of 4 GiB, announced and begun.
      decoder.receive(fromHex('fcffffffff'));
      assert.throws(() => decoder.next(), PluginError);
      assert.ok(decoder.heldBytes <= 1000);
      const cut = new GobDecoder();
      const encoder = new GobEncoder();
      encoder.encode(GOB_BYTES, new Uint8Array(100));
      cut.receive(encoder.takeOutput().slice(0, 50));
      assert.equal(cut.next(), undefined);
    },
  );
});

function any(name: string, value: unknown): GobInterfaceValue {
  return new GobInterfaceValue(name, value);
}
