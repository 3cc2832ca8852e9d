/** The configuration as JSON Schema: for editors, for the reference in docs/config.md, and to look up known keys. */
import { z } from 'zod';
import type { ConfigPath } from './config-problem.ts';
import { configSchema } from './schema.ts';

/** The part of JSON Schema (draft 2020-12) that our schema uses. */
export interface JsonSchema {
  readonly $schema?: string;
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly pattern?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly additionalProperties?: JsonSchema | false;
  /** `{}` marks a key that is known but refused by this release. */
  readonly not?: JsonSchema;
}

/** JSON Schema of a configuration file as users write it, defaults included. */
export function configJsonSchema(): JsonSchema {
  return jsonSchemaOf(configSchema);
}

/** The same of any schema that uses only what JsonSchema names; zod's own type is wider (drafts, booleans). */
export function jsonSchemaOf(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, { io: 'input' }) as JsonSchema;
}

/** Keys that may stand in the mapping at `path`; empty when there is none. */
export function knownKeysAt(schema: JsonSchema, path: ConfigPath): readonly string[] {
  const [part, ...rest] = path;
  if (part === undefined) return ownKeys(schema);
  return stepsInto(schema, part).flatMap((inner) => knownKeysAt(inner, rest));
}

function ownKeys(schema: JsonSchema): readonly string[] {
  const own = Object.entries(schema.properties ?? {});
  const keys = own.filter(([, value]) => value.not === undefined).map(([key]) => key);
  return [...keys, ...(schema.anyOf ?? []).flatMap(ownKeys)];
}

function stepsInto(schema: JsonSchema, part: string | number): readonly JsonSchema[] {
  const inner =
    typeof part === 'number' ? schema.items : (propertyOf(schema, part) ?? schema.additionalProperties);
  const others = (schema.anyOf ?? []).flatMap((branch) => stepsInto(branch, part));
  return inner === undefined || inner === false ? others : [inner, ...others];
}

function propertyOf(schema: JsonSchema, key: string): JsonSchema | undefined {
  return schema.properties !== undefined && Object.hasOwn(schema.properties, key)
    ? schema.properties[key]
    : undefined;
}
