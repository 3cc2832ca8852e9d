import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import type { GobStructType, GobType } from '@smtp-router/go-plugin/gob';
import * as wire from '../../../src/wire/v2/gob-types.ts';

const PROTO = readFileSync(
  new URL('../../../proto/smtp_router/selector/v2/selector.proto', import.meta.url),
  'utf8',
);

interface ProtoField {
  readonly name: string;
  readonly type: string;
  readonly number: number;
}

/** Fields of each message, in the order of the file. */
const MESSAGES = new Map<string, readonly ProtoField[]>(
  [...PROTO.matchAll(/^message (\w+) \{\n(.*?)^\}/gms)].map(([, name = '', body = '']) => [
    name,
    fieldsOf(body),
  ]),
);
const ENUMS = new Set([...PROTO.matchAll(/^enum (\w+) \{/gm)].map(([, name = '']) => name));

function fieldsOf(body: string): readonly ProtoField[] {
  const statements = body.split('\n').filter((line) => !/^\s*(\/\/.*)?$/.test(line));
  return statements.map((statement) => {
    const match = /^ {2}((?:repeated )?(?:map<string, string>|\w+)) (\w+) = (\d+);$/.exec(statement);
    assert.ok(match, `a plain field: ${statement}`);
    const [, type = '', name = '', number] = match;
    return { name, type, number: Number(number) };
  });
}

const SCALARS: Readonly<Record<string, GobType['kind']>> = {
  string: 'string',
  bool: 'bool',
  uint32: 'uint',
  uint64: 'uint',
  int64: 'int',
  double: 'float',
};

const seen = new Set<string>();

/** Compares a message with its gob type, and so on with those inside of it. */
function compare(message: string, type: GobType): void {
  assert.equal(type.kind, 'struct', message);
  if (type.kind !== 'struct') return;
  assert.equal(type.name, message);
  seen.add(message);
  const fields = MESSAGES.get(message);
  assert.ok(fields, `selector.proto has ${message}`);
  assert.deepEqual(
    type.fields.map(({ name }) => name),
    fields.map(({ name }) => upperCamel(name)),
    `fields of ${message}`,
  );
  for (const [index, field] of fields.entries()) {
    const gob = type.fields[index]?.type;
    assert.ok(gob);
    compareType(field.type, gob, `${message}.${field.name}`);
  }
}

function compareType(proto: string, gob: GobType, where: string): void {
  if (proto === 'map<string, string>') {
    assert.deepEqual(gob.kind === 'map' && [gob.key.kind, gob.element.kind], ['string', 'string'], where);
  } else if (proto.startsWith('repeated ')) {
    assert.equal(gob.kind, 'slice', where);
    if (gob.kind === 'slice') compareType(proto.slice('repeated '.length), gob.element, where);
  } else if (ENUMS.has(proto)) {
    assert.equal(gob.kind, 'int', where);
  } else if (SCALARS[proto] !== undefined) {
    assert.equal(gob.kind, SCALARS[proto], where);
  } else {
    compare(proto, gob);
  }
}

function upperCamel(name: string): string {
  return name.replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

describe('selector.proto and the gob types', () => {
  const types: readonly GobStructType[] = Object.values(wire);

  it('have the same fields, in the same order, of the same kinds', () => {
    for (const type of types) compare(type.name, type);
    assert.deepEqual(seen, new Set(MESSAGES.keys()));
  });

  it('stand field by field in the page for plugin authors', () => {
    const page = readFileSync(new URL('../../../../../docs/plugins.md', import.meta.url), 'utf8');
    for (const [message, fields] of MESSAGES) {
      assert.ok(page.includes(`| \`${message}\` | \`${fields[0]?.name}\` |`), message);
      for (const { name, type } of fields) {
        assert.ok(page.includes(`| \`${name}\` | \`${upperCamel(name)}\` | ${type} |`), `${message}.${name}`);
      }
    }
  });

  it('begin each question and answer with the version of the contract', () => {
    assert.equal(types.length, 6);
    for (const { name } of types) assert.equal(MESSAGES.get(name)?.[0]?.name, 'contract_version', name);
  });

  it('number fields from 1 without gaps', () => {
    for (const [name, fields] of MESSAGES) {
      assert.deepEqual(
        fields.map(({ number }) => number),
        fields.map((_, index) => index + 1),
        name,
      );
    }
  });

  it('know nothing that gob and protobuf tell differently', () => {
    const statements = PROTO.replaceAll(/\/\/.*$/gm, '');
    assert.doesNotMatch(
      statements,
      /\b(?:oneof|optional|import|google|bytes|float|sint\d+|fixed\d+|int32)\b/,
    );
  });

  it('begin every enum at 0 with a value that says nothing', () => {
    const enums = [...PROTO.matchAll(/^enum \w+ \{\n(.*?)^\}/gms)];
    assert.equal(enums.length, 2);
    for (const [, body = ''] of enums) {
      const values = [...body.matchAll(/^ {2}(\w+) = (\d+);$/gm)].map(([, name = '', number]) => ({
        name,
        number,
      }));
      assert.match(values[0]?.name ?? '', /_UNSPECIFIED$/);
      assert.deepEqual(
        values.map(({ number }) => Number(number)),
        values.map((_, index) => index),
      );
    }
  });
});
