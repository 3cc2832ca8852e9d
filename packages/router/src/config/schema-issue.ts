/** Turns what the schema complains about into problems with a place and a sentence for people. */
import type { z } from 'zod';
import type { ConfigPath, ConfigProblem } from './config-problem.ts';
import { configJsonSchema, type JsonSchema, knownKeysAt } from './json-schema.ts';
import { suggestName } from './nearest-name.ts';
import { NOT_SUPPORTED } from './schema-word.ts';
import type { YamlSource } from './yaml-source.ts';

type Issue = z.core.$ZodIssue;
type IssueOf<Code extends Issue['code']> = Extract<Issue, { readonly code: Code }>;

/** Translates the issues of one file. */
export class SchemaIssues {
  readonly #source: YamlSource;
  readonly #makeSchema: () => JsonSchema;
  /** Made when the first unknown key needs it: it costs more than all the rest. */
  #schema: JsonSchema | undefined;

  /** `makeSchema`: what the file is checked by. */
  constructor(source: YamlSource, makeSchema: () => JsonSchema = configJsonSchema) {
    this.#source = source;
    this.#makeSchema = makeSchema;
  }

  /** One or more problems for one issue of zod; `above` leads to the value the issue's own path starts at. */
  problemsOf(issue: Issue, above: ConfigPath = []): readonly ConfigProblem[] {
    const path = [...above, ...issue.path.map((part) => (typeof part === 'number' ? part : String(part)))];
    if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => this.#unknownKey(path, key));
    if (issue.code === 'invalid_union') return this.#unionProblems(issue, path);
    return [simpleProblem(issue, this.#source, path)];
  }

  #unknownKey(path: ConfigPath, key: string): ConfigProblem {
    this.#schema ??= this.#makeSchema();
    const hint = suggestName(key, knownKeysAt(this.#schema, path));
    return this.#source.problem('CONFIG_UNKNOWN_KEY', [...path, key], `unknown key; ${hint}`, 'key');
  }

  /** Only the branch that fits the kind of value is worth talking about. */
  #unionProblems(issue: IssueOf<'invalid_union'>, path: ConfigPath): readonly ConfigProblem[] {
    const isMeant = (branch: readonly Issue[]) =>
      !branch.some((inner) => inner.path.length === 0 && isMismatch(inner));
    const meant = issue.errors.find(isMeant);
    if (meant !== undefined) return meant.flatMap((inner) => this.problemsOf(inner, path));
    const wanted = issue.errors.map((branch) => wantedBy(branch[0])).join(' or ');
    const message = `expected ${wanted}, found ${kindOf(issue.input)}`;
    return [this.#source.problem('CONFIG_WRONG_TYPE', path, message)];
  }
}

function simpleProblem(issue: Issue, source: YamlSource, path: ConfigPath): ConfigProblem {
  switch (issue.code) {
    case 'invalid_key':
      return source.problem('CONFIG_BAD_VALUE', path, issue.issues[0]?.message ?? 'is no key', 'key');
    case 'invalid_type':
      return typeProblem(issue, source, path);
    case 'invalid_value':
      return valueProblem(issue, source, path);
    case 'too_small':
    case 'too_big':
      return source.problem('CONFIG_BAD_VALUE', path, boundMessage(issue));
    default:
      return source.problem('CONFIG_BAD_VALUE', path, issue.message);
  }
}

function isMismatch(issue: Issue): boolean {
  return issue.code === 'invalid_type' || issue.code === 'invalid_value';
}

function wantedBy(issue: Issue | undefined): string {
  if (issue?.code === 'invalid_type') return KINDS[issue.expected] ?? issue.expected;
  return issue?.code === 'invalid_value' ? issue.values.map(String).join(' or ') : 'something else';
}

function typeProblem(issue: IssueOf<'invalid_type'>, source: YamlSource, path: ConfigPath): ConfigProblem {
  if (issue.expected === 'never') return source.problem('CONFIG_NOT_SUPPORTED', path, issue.message, 'key');
  if (issue.input === undefined && path.length > 0) {
    return source.problem(
      'CONFIG_MISSING_KEY',
      path,
      `is missing; it needs ${KINDS[issue.expected] ?? issue.expected}`,
    );
  }
  const isOwnText = issue.message.startsWith('expected');
  const wanted = isOwnText ? issue.message : `expected ${KINDS[issue.expected] ?? issue.expected}`;
  const isScalar = typeof issue.input === 'number' || typeof issue.input === 'boolean';
  const hint = issue.expected === 'string' && isScalar && !isOwnText ? '; put it in quotes' : '';
  return source.problem('CONFIG_WRONG_TYPE', path, `${wanted}, found ${kindOf(issue.input)}${hint}`);
}

function valueProblem(issue: IssueOf<'invalid_value'>, source: YamlSource, path: ConfigPath): ConfigProblem {
  if (issue.message.includes(NOT_SUPPORTED))
    return source.problem('CONFIG_NOT_SUPPORTED', path, issue.message);
  const words = issue.values.map(String);
  if (typeof issue.input !== 'string') {
    return source.problem(
      'CONFIG_WRONG_TYPE',
      path,
      `expected ${words.join(' or ')}, found ${kindOf(issue.input)}`,
    );
  }
  const input = JSON.stringify(issue.input.slice(0, 60));
  return source.problem(
    'CONFIG_BAD_VALUE',
    path,
    `${input} is not possible; ${suggestName(issue.input, words)}`,
  );
}

function boundMessage(issue: IssueOf<'too_small' | 'too_big'>): string {
  if (issue.origin === 'string' || issue.origin === 'array') return issue.message;
  return issue.code === 'too_small'
    ? `must be at least ${issue.minimum}`
    : `must be at most ${issue.maximum}`;
}

const KINDS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
  record: 'a mapping',
};

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  return KINDS[typeof value] ?? typeof value;
}
