/** The `config` of a plugin in a file of its own, for commands that need no router. */
import { readFileSync } from 'node:fs';
import { RouterError } from '../errors.ts';
import { type ConfigProblem, formatPlace, formatProblem } from './config-problem.ts';
import { settingsAt } from './resolve-settings.ts';
import type { PluginSettings } from './router-config.ts';
import { parseYaml, YamlSource } from './yaml-source.ts';

/** What a plugin is configured with when there is nothing. */
export const NO_SETTINGS: PluginSettings = { json: '', locate: (path) => path };

/**
 * YAML, and so JSON as well.
 *
 * @throws RouterError CONFIG_UNREADABLE, CONFIG_SYNTAX or CONFIG_BAD_VALUE
 */
export function readSettings(file: string): PluginSettings {
  const source = readYaml(file);
  const problems: ConfigProblem[] = [];
  const settings = settingsAt(source.value, [], {
    locate: (path) => formatPlace(source.problem('CONFIG_BAD_VALUE', path, '')),
    note: (code, path, message) => void problems.push(source.problem(code, path, message)),
  });
  const [problem] = problems;
  if (problem !== undefined) throw new RouterError(problem.code, formatProblem(problem));
  return settings;
}

/** @throws RouterError CONFIG_UNREADABLE or CONFIG_SYNTAX */
export function readYaml(file: string): YamlSource {
  const source = parseYaml(file, readBytes(file));
  if (source instanceof YamlSource) return source;
  const [problem] = source;
  throw new RouterError(
    problem?.code ?? 'CONFIG_SYNTAX',
    problem === undefined ? `${file} is no YAML.` : formatProblem(problem),
  );
}

function readBytes(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown error';
    throw new RouterError('CONFIG_UNREADABLE', `${file} cannot be read (${code}).`, { cause });
  }
}
