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
  return `${formatPlace(problem)}${problem.path === '' ? '' : ':'} ${problem.message}`;
}

/** `config.yaml:12:5 users[0].selector`. */
export function formatPlace({ file, line, col, path }: ConfigProblem): string {
  const place = line === undefined ? file : `${file}:${line}:${col}`;
  return path === '' ? place : `${place} ${path}`;
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

/**
 * Reads what {@link formatPath} writes, which is also how plugins name places; undefined when it is none.
 */
export function parsePath(text: string): ConfigPath | undefined {
  const path: (string | number)[] = [];
  const part = /\.?([A-Za-z0-9_-]+)|\[(\d{1,9})\]|\[("(?:[^"\\]|\\.)*")\]/y;
  while (part.lastIndex < text.length) {
    const match = part.exec(text);
    if (match === null) return undefined;
    const [, word, position, quoted] = match;
    if (word !== undefined) path.push(word);
    else if (position !== undefined) path.push(Number(position));
    else path.push(unquoted(quoted ?? ''));
  }
  return path;
}

function unquoted(text: string): string {
  try {
    return String(JSON.parse(text));
  } catch {
    return text;
  }
}
