/** One thing wrong with a configuration file: where it stands and what to do about it. Values, not exceptions. */
import type { RouterErrorCode } from '../errors.ts';

/** Path inside the file: keys of mappings and positions in lists. */
export type ConfigPath = readonly (string | number)[];

export interface ConfigProblem {
  readonly code: RouterErrorCode;
  /** File as the user named it. */
  readonly file: string;
  /** From 1; absent when the file could not be read at all. */
  readonly line?: number;
  /** From 1. */
  readonly col?: number;
  /** As {@link formatPath} writes it; empty for the file as a whole. */
  readonly path: string;
  /** Names the value and the way out; never shows a secret. */
  readonly message: string;
}

/** `config.yaml:12:5 users[0].selector: …`, the one spelling of a problem on terminals and in logs. */
export function formatProblem(problem: ConfigProblem): string {
  const place = problem.line === undefined ? problem.file : `${problem.file}:${problem.line}:${problem.col}`;
  return problem.path === '' ? `${place} ${problem.message}` : `${place} ${problem.path}: ${problem.message}`;
}

/** `users[0].email`; keys that are no plain word are quoted: `downstreams["my relay"]`. */
export function formatPath(path: ConfigPath): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else if (!/^[A-Za-z0-9_-]+$/.test(part)) text += `[${JSON.stringify(part)}]`;
    else text += text === '' ? part : `.${part}`;
  }
  return text;
}
