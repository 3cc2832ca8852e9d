import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeConfig } from '../../src/config/describe-config.ts';
import { configJsonSchema, type JsonSchema, knownKeysAt } from '../../src/config/json-schema.ts';

/** Every key with its path, e.g. `users[].email`. */
function* keysOf(schema: JsonSchema, above = ''): Generator<readonly [path: string, schema: JsonSchema]> {
  for (const [key, value] of Object.entries(schema.properties ?? {})) {
    const path = above === '' ? key : `${above}.${key}`;
    yield [path, value];
    for (const branch of [value, ...(value.anyOf ?? [])]) {
      yield* keysOf(branch, path);
      if (branch.items !== undefined) yield* keysOf(branch.items, `${path}[]`);
      if (branch.additionalProperties) yield* keysOf(branch.additionalProperties, `${path}.NAME`);
    }
  }
}

test('every key has a sentence that describes it, and stands in the reference', () => {
  const reference = describeConfig();
  const keys = [...keysOf(configJsonSchema())];
  assert.ok(keys.length > 60, `${keys.length} keys`);
  for (const [path, schema] of keys) {
    assert.match(schema.description ?? '', /^\S.*[.]$/, path);
    assert.ok(reference.includes(`\`${path}\``) || path.includes('downstreams[].'), path);
  }
});

test('the JSON Schema holds defaults and patterns as users write them', () => {
  const { required, additionalProperties } = configJsonSchema();
  const keys = new Map(keysOf(configJsonSchema()));
  assert.deepEqual(required, ['users']);
  assert.equal(additionalProperties, false);
  assert.equal(keys.get('timeouts.dot')?.default, '10m');
  assert.match(keys.get('limits.message_size')?.pattern ?? '', /MiB/);
});

test('known keys are those a mapping may hold in this release', () => {
  const schema = configJsonSchema();
  assert.deepEqual(knownKeysAt(schema, ['relay']), ['budget', 'ambiguous']);
  assert.deepEqual(knownKeysAt(schema, ['admin']), ['address']);
  assert.ok(knownKeysAt(schema, ['users', 0, 'downstreams', 1]).includes('pass_file'));
  assert.ok(knownKeysAt(schema, ['downstreams', 'ses']).includes('ca_file'));
  assert.deepEqual(knownKeysAt(schema, ['users', 0, '__proto__']), []);
  assert.ok(knownKeysAt(schema, []).includes('retry'));
});
