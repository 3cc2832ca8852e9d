/** What every step of resolving a configuration shares: where it stands, and where problems go. */
import { dirname } from 'node:path';
import type { RouterErrorCode } from '../errors.ts';
import { type ConfigPath, type ConfigProblem, formatPlace } from './config-problem.ts';
import type { ConfigPlace, YamlSource } from './yaml-source.ts';

/** The world outside the file. */
export interface ConfigSurroundings {
  /** Environment of the router, for passwords and for finding programs. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Working directory, for `selector_algo_path` only. */
  readonly cwd: string;
  /** Program that runs .js, .mjs and .ts plugins. */
  readonly execPath: string;
  /** Host name of the system, the default of `hostname`. */
  readonly hostname: string;
}

/** Collects problems and warnings of one file while it is resolved. */
export class ConfigScope {
  readonly env: ConfigSurroundings['env'];
  readonly cwd: string;
  readonly execPath: string;
  readonly hostname: string;
  /** Absolute directory of the file: what relative paths start from. */
  readonly directory: string;
  readonly problems: ConfigProblem[] = [];
  readonly warnings: ConfigProblem[] = [];
  readonly #source: YamlSource;

  constructor(file: string, source: YamlSource, surroundings: ConfigSurroundings) {
    this.env = surroundings.env;
    this.cwd = surroundings.cwd;
    this.execPath = surroundings.execPath;
    this.hostname = surroundings.hostname;
    this.directory = dirname(file);
    this.#source = source;
  }

  /** Notes what makes the file unusable. */
  note(code: RouterErrorCode, path: ConfigPath, message: string, place?: ConfigPlace): void {
    this.problems.push(this.#source.problem(code, path, message, place));
  }

  /** Where a path stands, or the nearest thing above it, as `file:line:col path`. */
  locate(path: ConfigPath): string {
    return formatPlace(this.#source.problem('CONFIG_BAD_VALUE', path, ''));
  }

  /** Notes what is possible but probably not meant. */
  warn(path: ConfigPath, message: string): void {
    this.warnings.push(this.#source.problem('CONFIG_BAD_VALUE', path, message));
  }
}
