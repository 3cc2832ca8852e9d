/** A plugin named on the command line, outside of any configuration. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { RouterError, type RouterErrorCode } from '../errors.ts';
import { looksLikePath, type PluginCommand, resolvePluginCommand, resolvePluginFile } from './plugin-file.ts';

/** Where it is looked for. */
export interface PluginSurroundings {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Program that runs .js, .mjs and .ts plugins. */
  readonly execPath: string;
}

/**
 * One word that is a file is a plugin as under `plugin` in the configuration; anything else is a command,
 * its program looked up in PATH unless it has a slash.
 *
 * @throws RouterError CONFIG_PLUGIN_MISSING or CONFIG_PLUGIN_NOT_EXECUTABLE
 */
export function findPlugin(
  words: readonly string[],
  { cwd, env, execPath }: PluginSurroundings,
): PluginCommand {
  const [first = ''] = words;
  let problem: RouterError | undefined;
  const note = (code: RouterErrorCode, _path: unknown, message: string): void => {
    problem ??= new RouterError(code, message);
  };
  const scope = { directory: cwd, env, execPath, note };
  const isFile = words.length === 1 && (looksLikePath(first) || existsSync(resolve(cwd, first)));
  const found = isFile ? resolvePluginFile(first, [], [cwd], scope) : resolvePluginCommand(words, [], scope);
  if (found !== undefined) return found;
  throw problem ?? new RouterError('CONFIG_PLUGIN_MISSING', `there is no plugin ${first}`);
}
