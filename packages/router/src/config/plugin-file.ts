/** From what a configuration says about a plugin to the command that runs it. */
import { createHash } from 'node:crypto';
import { accessSync, constants, readFileSync, statSync } from 'node:fs';
import { delimiter, isAbsolute, resolve } from 'node:path';
import type { ConfigPath } from './config-problem.ts';
import type { ConfigScope } from './config-scope.ts';

/** What is needed to find a plugin, and who hears of problems. */
export type PluginScope = Pick<ConfigScope, 'directory' | 'env' | 'execPath' | 'note'>;

/** The command of a plugin and the file it was named by. */
export interface PluginCommand {
  /** Absolute. */
  readonly path: string;
  /** Program and arguments. */
  readonly command: readonly string[];
}

/** Endings that the router's own Node runs. */
const SCRIPT = /\.(?:js|mjs|ts)$/;

/** True when a `selector` is meant as a path, not as a name. */
export function looksLikePath(text: string): boolean {
  return /[/\\]/.test(text) || SCRIPT.test(text);
}

/**
 * Looks for the file in each directory, the first that has it wins. Undefined when a problem was
 * noted: the file is missing, no file, or may not be run.
 */
export function resolvePluginFile(
  name: string,
  at: ConfigPath,
  directories: readonly string[],
  scope: Pick<PluginScope, 'execPath' | 'note'>,
): PluginCommand | undefined {
  const candidates = [...new Set(directories.map((directory) => resolve(directory, name)))];
  const path = candidates.find(exists);
  if (path === undefined) {
    const looked = candidates.join(' and ');
    scope.note('CONFIG_PLUGIN_MISSING', at, `there is no plugin ${looked}; build it or correct the path`);
    return undefined;
  }
  const isScript = SCRIPT.test(path);
  const fault = runFault(path, isScript);
  if (fault === undefined) return { path, command: isScript ? [scope.execPath, path] : [path] };
  scope.note('CONFIG_PLUGIN_NOT_EXECUTABLE', at, fault);
  return undefined;
}

/** The same for `command`: a program with a slash is relative to the file, any other is looked up in PATH. */
export function resolvePluginCommand(
  command: readonly string[],
  at: ConfigPath,
  scope: PluginScope,
): PluginCommand | undefined {
  const [program = '', ...rest] = command;
  const isPath = /[/\\]/.test(program);
  const directories = isPath
    ? [scope.directory]
    : (scope.env['PATH'] ?? '').split(delimiter).filter(isAbsolute);
  const candidates = directories.map((directory) => resolve(directory, program)).filter(exists);
  const path = candidates.find((candidate) => runFault(candidate, false) === undefined);
  if (path !== undefined) return { path, command: [path, ...rest] };
  const [first] = candidates;
  if (first !== undefined) {
    scope.note(
      'CONFIG_PLUGIN_NOT_EXECUTABLE',
      [...at, 0],
      runFault(first, false) ?? `${first} cannot be run`,
    );
    return undefined;
  }
  const where = isPath ? resolve(scope.directory, program) : `"${program}" in PATH`;
  scope.note(
    'CONFIG_PLUGIN_MISSING',
    [...at, 0],
    `there is no program ${where}; install it or correct the path`,
  );
  return undefined;
}

/** Absolute paths of the files a list under `watch` names; a problem is noted for each that is missing. */
export function resolveWatchedFiles(
  names: readonly string[],
  at: ConfigPath,
  scope: ConfigScope,
): readonly string[] {
  return names.map((name, index) => {
    const path = resolve(scope.directory, name);
    if (!exists(path)) {
      scope.note(
        'CONFIG_PLUGIN_MISSING',
        [...at, index],
        `there is no file ${path} to watch; correct the path`,
      );
    }
    return path;
  });
}

/** Why a file is not the one of a checksum, in one sentence; undefined when it is. */
export function checksumFault(path: string, sha256: string): string | undefined {
  try {
    const found = createHash('sha256').update(readFileSync(path)).digest('hex');
    return found === sha256 ? undefined : `${path} has the SHA-256 ${found}; ${sha256} is expected`;
  } catch (error) {
    return `${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function exists(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    // No permission to look, a loop of links, a name too long: for us it is not there.
    return false;
  }
}

/** Why a file cannot be run, in one sentence; undefined when it can. */
function runFault(path: string, isScript: boolean): string | undefined {
  if (!statSync(path).isFile()) return `${path} is no file; name the plugin itself`;
  try {
    accessSync(path, isScript ? constants.R_OK : constants.X_OK);
    return undefined;
  } catch {
    return isScript ? `${path} may not be read` : `${path} may not be executed; run chmod +x on it`;
  }
}
