/**
 * `docs/config.md`: every key of the configuration file, from the schema that validates it.
 */
import { configJsonSchema, type JsonSchema } from '../../packages/router/src/config/json-schema.ts';

/** One row of the page. */
interface KeyRow {
  /** `limits.message_size`, `downstreams.<name>.addr`, `users[].email`. */
  readonly path: string;
  readonly schema: JsonSchema;
  readonly isRequired: boolean;
}

/** The page. */
export function renderConfigReference(schema: JsonSchema = configJsonSchema()): string {
  const rows = keyRows(schema, '');
  const known = rows.filter(({ schema: { not } }) => not === undefined);
  const refused = rows.filter(({ schema: { not } }) => not !== undefined);
  const groups = Map.groupBy(known, ({ path }) => topKey(path));
  const sections = [...groups].map(([key, members]) => renderSection(key, members));
  return `${HEAD}\n${sections.join('\n')}${renderRefused(refused)}`;
}

const HEAD = `# Configuration

Written by \`npm run docs:check -- --write\` from \`packages/router/src/config/schema.ts\`; do not edit.

One YAML file. Relative paths are relative to the file. Durations and sizes carry their unit (\`30s\`, \`5m\`,
\`25MB\` = 25 · 10^6 bytes, \`50MiB\` = 50 · 2^20 bytes). Unknown keys are errors. \`smtp-router check -c FILE\`
reports every problem at once as \`file:line:col path: message\`.
`;

function renderSection(key: string, rows: readonly KeyRow[]): string {
  return `## ${key}\n\n| key | value | default | meaning |\n|---|---|---|---|\n${rows.map(renderRow).join('\n')}\n`;
}

function renderRow({ path, schema, isRequired }: KeyRow): string {
  const standard = schema.default === undefined ? (isRequired ? 'required' : '') : code(schema.default);
  return `| \`${path}\` | ${cell(valueForm(schema))} | ${standard} | ${cell(schema.description ?? '')} |`;
}

function renderRefused(rows: readonly KeyRow[]): string {
  if (rows.length === 0) return '';
  const list = rows.map(({ path, schema }) => `| \`${path}\` | ${cell(schema.description ?? '')} |`);
  return `
## Keys this release refuses

They belong to the design and have no effect yet. A file that uses one is an error, never silently ignored.

| key | meaning |
|---|---|
${list.join('\n')}
`;
}

/** Keys in the order of the schema, a mapping before what is in it. */
function keyRows(schema: JsonSchema, prefix: string): readonly KeyRow[] {
  const named = Object.entries(schema.properties ?? {}).flatMap(([key, inner]) => [
    { path: prefix + key, schema: inner, isRequired: schema.required?.includes(key) ?? false },
    ...keyRows(inner, `${prefix}${key}.`),
  ]);
  const base = prefix.replace(/\.$/, '');
  const free = schema.additionalProperties;
  return [
    ...named,
    ...(schema.items === undefined ? [] : keyRows(schema.items, `${base}[].`)),
    ...(free === undefined || free === false ? [] : keyRows(free, `${prefix}<name>.`)),
    ...(schema.anyOf ?? []).flatMap((branch) => keyRows(branch, prefix)),
  ];
}

function valueForm(schema: JsonSchema): string {
  if (schema.const !== undefined) return code(schema.const);
  if (schema.enum !== undefined) return schema.enum.map(code).join(', ');
  if (schema.anyOf !== undefined) return [...new Set(schema.anyOf.map(valueForm))].join(' or ');
  if (schema.items !== undefined) return `list of ${valueForm(schema.items)}`;
  if (schema.type === 'object') return 'mapping';
  return schema.type === 'string' ? 'text' : (schema.type ?? 'anything');
}

function topKey(path: string): string {
  return path.split(/[.[]/, 1)[0] ?? path;
}

function code(value: unknown): string {
  return `\`${cell(typeof value === 'string' ? value : JSON.stringify(value))}\``;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll(/\s+/g, ' ');
}
