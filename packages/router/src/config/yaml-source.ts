/**
 * A YAML file and the places of its values: turns bytes into plain data plus a locator, so that every
 * later step can name line and column of what it complains about.
 */
import { isAlias, isMap, isPair, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import type { RouterErrorCode } from '../errors.ts';
import { type ConfigPath, type ConfigProblem, formatPath } from './config-problem.ts';

/** Longest file that is parsed. */
export const MAX_CONFIG_BYTES = 1024 * 1024;

/** How often one anchor may be expanded in all; stops alias bombs. */
const MAX_ALIASES = 100;

/** Whether a problem points at a key or at its value. */
export type ConfigPlace = 'key' | 'value';

/** A parsed file. */
export class YamlSource {
  readonly file: string;
  readonly value: unknown;
  readonly #root: Node | null;
  readonly #lines: LineCounter;

  constructor(file: string, value: unknown, root: Node | null, lines: LineCounter) {
    this.file = file;
    this.value = value;
    this.#root = root;
    this.#lines = lines;
  }

  /** A problem at `path`, or at the nearest thing above it that stands in the file. */
  problem(
    code: RouterErrorCode,
    path: ConfigPath,
    message: string,
    place: ConfigPlace = 'value',
  ): ConfigProblem {
    const { line, col } = this.#lines.linePos(this.#offsetOf(path, place));
    return {
      code,
      file: this.file,
      line: Math.max(line, 1),
      col: Math.max(col, 1),
      path: formatPath(path),
      message,
    };
  }

  #offsetOf(path: ConfigPath, place: ConfigPlace): number {
    let node: Node | null = this.#root;
    let offset = startOf(node);
    for (const [depth, part] of path.entries()) {
      const step = stepInto(this.#resolve(node), part);
      if (step === undefined) return offset;
      const isLast = depth === path.length - 1;
      node = step.value;
      offset =
        (isLast && place === 'key' ? startOf(step.key) : startOf(step.value)) || startOf(step.key) || offset;
    }
    return offset;
  }

  #resolve(node: Node | null): Node | null {
    if (!isAlias(node)) return node;
    for (const candidate of anchored(this.#root)) if (candidate.anchor === node.source) return candidate.node;
    return null;
  }
}

/** Parses bytes; every syntax error of the file is a problem of its own. */
export function parseYaml(file: string, bytes: Uint8Array): YamlSource | readonly ConfigProblem[] {
  if (bytes.length > MAX_CONFIG_BYTES) {
    return [
      syntaxProblem(file, `the file has ${bytes.length} bytes; a configuration may have ${MAX_CONFIG_BYTES}`),
    ];
  }
  const text = decodeUtf8(bytes);
  if (text === undefined) return [syntaxProblem(file, 'the file is not UTF-8 text; save it as UTF-8')];
  return parseText(file, text);
}

function parseText(file: string, text: string): YamlSource | readonly ConfigProblem[] {
  const lines = new LineCounter();
  try {
    const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true });
    const faults = [...document.errors, ...document.warnings];
    if (faults.length > 0) {
      return faults.map((fault) => {
        const { line, col } = lines.linePos(fault.pos[0]);
        const code = fault.code === 'DUPLICATE_KEY' ? 'CONFIG_DUPLICATE' : 'CONFIG_SYNTAX';
        return {
          code,
          file,
          line: Math.max(line, 1),
          col: Math.max(col, 1),
          path: '',
          message: describeFault(fault),
        };
      });
    }
    return new YamlSource(file, document.toJS({ maxAliasCount: MAX_ALIASES }), document.contents, lines);
  } catch (error) {
    // The parser throws on alias bombs, unresolved aliases and nesting beyond the stack.
    const reason = error instanceof RangeError ? 'it is nested too deeply' : messageOf(error);
    return [syntaxProblem(file, `this is not readable as YAML: ${reason}`)];
  }
}

function describeFault(fault: { readonly code: string; readonly message: string }): string {
  if (fault.code === 'DUPLICATE_KEY') return 'this key stands twice in the same mapping; keep one';
  // What follows a colon or backslash is text of the file, which may be a password.
  const sentence = /^[^\n:\\]*/.exec(fault.message)?.[0] ?? '';
  return `this is not readable as YAML: ${sentence.trim()}`;
}

function syntaxProblem(file: string, message: string): ConfigProblem {
  return { code: 'CONFIG_SYNTAX', file, line: 1, col: 1, path: '', message };
}

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? (/^[^\n:\\]*/.exec(error.message)?.[0] ?? '') : 'unknown reason';
}

interface Step {
  readonly key: Node | null;
  readonly value: Node | null;
}

function stepInto(node: Node | null, part: string | number): Step | undefined {
  if (isSeq(node) && typeof part === 'number') {
    const item = node.items[part] as Node | undefined;
    return item === undefined ? undefined : { key: item, value: item };
  }
  if (!isMap(node)) return undefined;
  for (const pair of node.items) {
    const key = pair.key as Node | null;
    if (isScalar(key) && String(key.value) === String(part)) return { key, value: pair.value as Node | null };
  }
  return undefined;
}

function startOf(node: Node | null): number {
  return node?.range?.[0] ?? 0;
}

interface Anchored {
  readonly anchor: string;
  readonly node: Node;
}

function* anchored(node: unknown): Generator<Anchored> {
  if (isPair(node)) {
    yield* anchored(node.key);
    yield* anchored(node.value);
    return;
  }
  if ((isScalar(node) || isMap(node) || isSeq(node)) && node.anchor !== undefined) {
    yield { anchor: node.anchor, node };
  }
  if (isMap(node) || isSeq(node)) for (const item of node.items) yield* anchored(item);
}
