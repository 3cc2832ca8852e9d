/** The reference of the configuration, written from the schema: `docs/config.md`. */
import { configJsonSchema, type JsonSchema } from './json-schema.ts';

const HEAD = `# Configuration

Written from the schema in \`packages/router/src/config/schema.ts\`; do not edit by hand.

A configuration is one YAML file. Relative paths start from its directory. Durations and sizes carry their
unit (\`500ms\`, \`30s\`, \`5m\`, \`25MB\` = 25 000 000 bytes, \`50MiB\` = 50 · 2^20 bytes). Every problem is
reported at once as \`file:line:col path: message\`; \`smtp-router check -c FILE\` shows them without starting.
`;

const TAIL = `## Kept for later releases

These keys are part of the published design. This release refuses them by name instead of ignoring them.

`;

/** Markdown text, ended by a line break. */
export function describeConfig(): string {
  const rows: string[] = [];
  const later: string[] = [];
  collect(configJsonSchema(), '', rows, later);
  const table = ['| key | value | default | meaning |', '|---|---|---|---|', ...rows].join('\n');
  return `${HEAD}\n${table}\n\n${TAIL}${later.join('\n')}\n`;
}

function collect(schema: JsonSchema, above: string, rows: string[], later: string[]): void {
  for (const [key, value] of Object.entries(schema.properties ?? {})) {
    const path = above === '' ? key : `${above}.${key}`;
    if (value.not !== undefined) {
      later.push(`- \`${path}\`: ${value.description ?? ''}`);
      continue;
    }
    const standard = schema.required?.includes(key) ? 'needed' : defaultWord(value);
    rows.push(
      `| \`${path}\` | ${cell(typeWord(value))} | ${cell(standard)} | ${cell(value.description ?? '')} |`,
    );
    collectInside(value, path, rows, later);
  }
}

function collectInside(value: JsonSchema, path: string, rows: string[], later: string[]): void {
  for (const branch of [value, ...(value.anyOf ?? [])]) {
    if (branch !== value && branch.properties !== undefined) collect(branch, path, rows, later);
    if (branch === value) collect(value, path, rows, later);
    if (branch.items?.properties !== undefined) collect(branch.items, `${path}[]`, rows, later);
    const named = branch.additionalProperties;
    if (named !== undefined && named !== false && named.properties !== undefined) {
      collect(named, `${path}.NAME`, rows, later);
    }
  }
}

function typeWord(schema: JsonSchema): string {
  if (schema.enum !== undefined) return schema.enum.map((word) => `\`${String(word)}\``).join(' ');
  if (schema.const !== undefined) return `\`${String(schema.const)}\``;
  if (schema.anyOf !== undefined) return schema.anyOf.map(typeWord).join(' or ');
  if (schema.pattern?.includes('ms|s') === true) return 'duration';
  if (schema.pattern?.includes('KiB') === true) return 'size';
  if (schema.type === 'array')
    return `list of ${schema.items === undefined ? 'values' : typeWord(schema.items)}`;
  return TYPE_WORDS[schema.type ?? ''] ?? schema.type ?? 'value';
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'whole number',
  number: 'number',
  boolean: 'true or false',
  object: 'mapping',
};

function defaultWord(schema: JsonSchema): string {
  const { default: value } = schema;
  const isEmpty = typeof value === 'object' && value !== null && Object.keys(value).length === 0;
  return value === undefined || isEmpty
    ? ''
    : `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
