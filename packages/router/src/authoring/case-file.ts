/** Reads files of cases; what is wrong with one is told by line and column. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type ConfigProblem, formatPlace } from '../config/config-problem.ts';
import { jsonSchemaOf } from '../config/json-schema.ts';
import { settingsAt } from '../config/resolve-settings.ts';
import type { PluginSettings } from '../config/router-config.ts';
import { SchemaIssues } from '../config/schema-issue.ts';
import { readYaml } from '../config/settings-file.ts';
import type { YamlSource } from '../config/yaml-source.ts';
import { RouterError } from '../errors.ts';
import { type CaseFileDocument, caseFileSchema } from './case-schema.ts';

/** A sound file. */
export interface CaseFile {
  readonly file: string;
  readonly document: CaseFileDocument;
  /** Of the file; undefined when it has none. */
  readonly settings?: PluginSettings;
}

/** The file itself, or every `.yaml` and `.yml` of a folder by name. Throws `CONFIG_UNREADABLE`. */
export function findCaseFiles(path: string): readonly string[] {
  const entry = statSync(path, { throwIfNoEntry: false });
  if (entry === undefined) throw new RouterError('CONFIG_UNREADABLE', `There are no cases at ${path}.`);
  if (!entry.isDirectory()) return [path];
  const files = readdirSync(path)
    .filter((name) => /\.ya?ml$/.test(name))
    .sort();
  if (files.length > 0) return files.map((name) => join(path, name));
  throw new RouterError('CONFIG_UNREADABLE', `There is no .yaml file of cases in ${path}.`);
}

/** The file, or what is wrong with it. Throws `CONFIG_UNREADABLE` or `CONFIG_SYNTAX`. */
export function readCaseFile(file: string): CaseFile | readonly ConfigProblem[] {
  const source = readYaml(file);
  const checked = caseFileSchema.safeParse(source.value, { reportInput: true });
  if (!checked.success) {
    const issues = new SchemaIssues(source, () => jsonSchemaOf(caseFileSchema));
    return checked.error.issues.flatMap((issue) => issues.problemsOf(issue));
  }
  const document = checked.data;
  const problems: ConfigProblem[] = [...undecided(source, document)];
  const settings =
    document.config === undefined
      ? undefined
      : settingsAt(document.config, ['config'], {
          locate: (path) => formatPlace(source.problem('CONFIG_BAD_VALUE', path, '')),
          note: (code, path, message) => void problems.push(source.problem(code, path, message)),
        });
  if (problems.length > 0) return problems;
  return { file, document, ...(settings !== undefined && { settings }) };
}

/** A case without downstreams or expectations would tell nothing. */
function undecided(source: YamlSource, { cases, downstreams }: CaseFileDocument): readonly ConfigProblem[] {
  return cases.flatMap((one, index) => {
    const problem = (message: string, key: string): ConfigProblem =>
      source.problem('CONFIG_MISSING_KEY', ['cases', index, key], message);
    return [
      ...((one.downstreams ?? downstreams ?? []).length > 0
        ? []
        : [problem('is missing; name some here or at the top of the file', 'downstreams')]),
      ...(Object.keys(one.expect).length > 0 ? [] : [problem('expects nothing', 'expect')]),
    ];
  });
}
