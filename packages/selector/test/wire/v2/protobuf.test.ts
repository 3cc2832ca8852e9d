import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import {
  create,
  type DescField,
  type DescMessage,
  fromBinary,
  ScalarType,
  toBinary,
} from '@bufbuild/protobuf';
import type { GobStructType } from '@smtp-router/go-plugin/gob';
import fc from 'fast-check';
import type { SelectReply, SelectRequest } from '../../../src/contract/index.ts';
import { requestWith, viewWith } from '../../../src/contract/index.ts';
import { SelectorError } from '../../../src/errors.ts';
import {
  CONFIGURE_REPLY_V2,
  CONFIGURE_REQUEST_V2,
  DESCRIBE_REPLY_V2,
  DESCRIBE_REQUEST_V2,
  decodeConfigurationV2,
  decodeDescriptionV2,
  decodeProblemsV2,
  decodeSelectReplyV2,
  decodeSelectRequestV2,
  encodeConfigurationV2,
  encodeDescriptionV2,
  encodeProblemsV2,
  encodeSelectReplyV2,
  encodeSelectRequestV2,
  SELECT_REPLY_V2,
  SELECT_REQUEST_V2,
} from '../../../src/wire/index.ts';
import * as generated from '../../../src/wire/v2/gen/selector_pb.js';
import { ProtobufCodec } from '../../../src/wire/v2/protobuf.ts';
import { fuzzRuns } from '../../fuzz-runs.ts';
import { arbitraryReply } from './arbitrary-reply.ts';
import { arbitraryRequest } from './arbitrary-request.ts';
import { fromGob, gobBytes } from './gob-trip.ts';

const codec = new ProtobufCodec();

/** One message of the contract: what it is made from, and what it is read as. */
interface MessageCase<T> {
  readonly type: GobStructType;
  readonly schema: DescMessage;
  readonly values: fc.Arbitrary<T>;
  encode(value: T): unknown;
  decode(value: unknown): T;
}

const text = fc.string({ unit: 'binary', maxLength: 12 });

function request(value: SelectRequest): unknown {
  return encodeSelectRequestV2(value, { timeoutMs: value.timeoutMs, headers: value.message.headers });
}

const CASES = [
  aCase({
    type: SELECT_REQUEST_V2,
    schema: generated.SelectRequestSchema,
    values: arbitraryRequest,
    encode: request,
    decode: decodeSelectRequestV2,
  }),
  aCase<SelectReply>({
    type: SELECT_REPLY_V2,
    schema: generated.SelectReplySchema,
    values: arbitraryReply,
    encode: encodeSelectReplyV2,
    decode: (value) => decodeSelectReplyV2(value, 'mine'),
  }),
  aCase({
    type: DESCRIBE_REPLY_V2,
    schema: generated.DescribeReplySchema,
    values: fc.record(
      {
        name: fc.stringMatching(/^[ä-ü ]{0,9}$/),
        version: fc.stringMatching(/^[0-9.]{0,9}$/),
        headers: fc.uniqueArray(fc.stringMatching(/^[a-z-]{1,9}$/), { maxLength: 4 }),
      },
      { noNullPrototype: true },
    ),
    encode: encodeDescriptionV2,
    decode: (value) => decodeDescriptionV2(value, 'mine'),
  }),
  aCase({
    type: CONFIGURE_REQUEST_V2,
    schema: generated.ConfigureRequestSchema,
    values: fc.record({ selector: text, configJson: text }, { noNullPrototype: true }),
    encode: encodeConfigurationV2,
    decode: decodeConfigurationV2,
  }),
  aCase({
    type: CONFIGURE_REPLY_V2,
    schema: generated.ConfigureReplySchema,
    values: fc.array(
      fc.record(
        { path: fc.stringMatching(/^[a-z.]{0,9}$/), message: fc.stringMatching(/^[a-z ]{0,9}$/) },
        { noNullPrototype: true },
      ),
      { maxLength: 3 },
    ),
    encode: encodeProblemsV2,
    decode: (value) => decodeProblemsV2(value, 'mine'),
  }),
  aCase({
    type: DESCRIBE_REQUEST_V2,
    schema: generated.DescribeRequestSchema,
    values: fc.constant(2),
    encode: (value) => ({ ContractVersion: value }),
    decode: (value) => Object(value).ContractVersion,
  }),
];

interface NamedCase {
  readonly name: string;
  /** Checks that a value means the same in both encodings, and that the library writes the same bytes. */
  readonly meansTheSame: () => void;
}

function aCase<T>({ type, schema, values, encode, decode }: MessageCase<T>): NamedCase {
  const meansTheSame = (): void => {
    const property = fc.property(values, (value) => {
      const encoded = encode(value);
      const bytes = codec.encode(type, encoded);
      const decoded = codec.decode(type, bytes);
      assert.equal(decoded.kind, 'message');
      const fromProtobuf = decode(decoded.kind === 'message' ? decoded.value : undefined);
      assert.deepEqual(fromProtobuf, value);
      assert.deepEqual(fromProtobuf, decode(fromGob(gobBytes(type, encoded), type)));
      assert.deepEqual(bytes, toBinary(schema, fromBinary(schema, bytes)), 'as the library writes it');
    });
    fc.assert(property, { numRuns: fuzzRuns() });
  };
  return { name: type.name, meansTheSame };
}

describe('A message of generation 2 in protobuf', () => {
  for (const { name, meansTheSame } of CASES) {
    it(`means the same as in gob: ${name}`, meansTheSame);
  }

  it('has what the generated code makes of the same words', () => {
    const known = requestWith({
      requestId: 'ü-1',
      now: -1,
      seed: 2 ** 53 - 1,
      session: { isTls: true },
      downstreams: [
        viewWith({ id: 'ses', cost: 0.1, hasCost: true, state: 'down', labels: { eu: '', a: 'b' } }),
      ],
      history: [],
    });
    const message = create(generated.SelectRequestSchema, {
      contractVersion: 2,
      requestId: 'ü-1',
      attempt: 1,
      now: -1n,
      seed: 2n ** 53n - 1n,
      session: { isTls: true },
      envelope: {},
      message: {},
      downstreams: [
        {
          id: 'ses',
          addr: 'ses',
          weight: 1,
          labels: { eu: '', a: 'b' },
          cost: 0.1,
          hasCost: true,
          capabilities: {},
          state: generated.DownstreamState.DOWN,
        },
      ],
    });
    assert.deepEqual(
      codec.encode(SELECT_REQUEST_V2, request(known)),
      toBinary(generated.SelectRequestSchema, message),
    );
  });

  for (const units of [127, 128, 16_383, 16_384, 2_097_152]) {
    it(`holds texts of ${units} characters, in one script and in another`, () => {
      for (const unit of ['a', 'ü', '好']) {
        const known = { selector: unit.repeat(units), configJson: 'b' };
        const bytes = codec.encode(CONFIGURE_REQUEST_V2, encodeConfigurationV2(known));
        const read = fromBinary(generated.ConfigureRequestSchema, bytes);
        assert.deepEqual([read.selector === known.selector, read.configJson], [true, 'b']);
      }
    });
  }

  it('of a later release is read without the fields that are new', () => {
    const later = new Uint8Array([...codec.encode(DESCRIBE_REQUEST_V2, { ContractVersion: 2 }), 0x78, 0x01]);
    assert.deepEqual(codec.decode(DESCRIBE_REQUEST_V2, later), {
      kind: 'message',
      value: { ContractVersion: 2 },
    });
  });

  it('with a number beyond 2^53 is refused as it is in gob', () => {
    const bytes = toBinary(
      generated.SelectRequestSchema,
      create(generated.SelectRequestSchema, { seed: 2n ** 53n }),
    );
    const decoded = codec.decode(SELECT_REQUEST_V2, bytes);
    assert.equal(decoded.kind, 'message');
    assert.throws(
      () => decodeSelectRequestV2(decoded.kind === 'message' && decoded.value),
      (error) => error instanceof SelectorError && error.code === 'SELECTOR_REQUEST_SHAPE',
    );
  });
});

/** `string name = 2;` as selector.proto spells it. */
function spelled(field: DescField): string {
  return `${kindOf(field)} ${field.name} = ${field.number};`;
}

function kindOf(field: DescField): string {
  switch (field.fieldKind) {
    case 'map':
      return 'map<string, string>';
    case 'list':
      return `repeated ${field.message?.name ?? scalarName(field.scalar)}`;
    case 'scalar':
      return scalarName(field.scalar);
    case 'enum':
      return field.enum.name;
    default:
      return field.message.name;
  }
}

function scalarName(scalar: ScalarType | undefined): string {
  return scalar === undefined ? '' : (ScalarType[scalar] ?? '').toLowerCase();
}

it('The generated code is that of selector.proto, field by field', () => {
  const { file_smtp_router_selector_v2_selector: file } = generated;
  const proto = readFileSync(
    new URL('../../../proto/smtp_router/selector/v2/selector.proto', import.meta.url),
    'utf8',
  );
  const statements = [...proto.matchAll(/^ {2}([\w<>, ]+ \w+ = \d+;)$/gm)].map(([, statement]) => statement);
  const fields = file.messages.flatMap((message) => message.fields.map(spelled));
  const values = file.enums.flatMap((one) => one.values.map(({ name, number }) => `${name} = ${number};`));
  const isField = (statement: string | undefined): boolean => / \w+ = /.test(statement ?? '');
  assert.deepEqual(fields, statements.filter(isField));
  for (const value of values) assert.ok(proto.includes(`  ${value}\n`), value);
  const methods = file.services.flatMap((one) => one.methods);
  for (const { name, input, output } of methods) {
    assert.ok(proto.includes(`rpc ${name}(${input.name}) returns (${output.name});`), name);
  }
  assert.equal(methods.length, 3);
});
