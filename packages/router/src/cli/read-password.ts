/** Reads a password: typed twice without being shown when a person is there, else from standard input. */
import { RouterError } from '../errors.ts';
import type { Terminal } from './terminal.ts';
import { TypedLine } from './typed-line.ts';

/** What is needed of standard input; `process.stdin` fits. Terminals can be switched to raw mode. */
export interface PasswordInput extends AsyncIterable<unknown> {
  readonly isTTY?: boolean;
  setEncoding(encoding: 'utf8'): unknown;
  setRawMode?(isRaw: boolean): unknown;
}

/** The longest password a configuration takes; also what bounds the input. */
const MAX_CHARACTERS = 1_024;

/**
 * The password, one line without its line break. `onInterrupt` is called for Ctrl-C, with the terminal
 * as it was before. Rejects with `ROUTER_PASSWORD_UNUSABLE` when it is empty, too long, of several lines,
 * or typed differently the second time.
 */
export async function readPassword(
  input: PasswordInput,
  terminal: Terminal,
  onInterrupt: () => void,
): Promise<string> {
  input.setEncoding('utf8');
  const password =
    input.isTTY === true ? await typeTwice(input, terminal, onInterrupt) : await readAll(input);
  if (password === '') throw unusable('is empty');
  if ([...password].length > MAX_CHARACTERS) throw unusable(`is longer than ${MAX_CHARACTERS} characters`);
  if (/\p{Cc}/u.test(password)) throw unusable('holds a line break or another control character');
  return password;
}

async function readAll(input: PasswordInput): Promise<string> {
  let text = '';
  for await (const piece of input) {
    text += String(piece);
    if (text.length > 2 * MAX_CHARACTERS + 2) break;
  }
  return text.replace(/\r?\n$/, '');
}

async function typeTwice(input: PasswordInput, terminal: Terminal, onInterrupt: () => void): Promise<string> {
  const lines: string[] = [];
  let line = new TypedLine();
  input.setRawMode?.(true);
  try {
    terminal.ask('Password: ');
    for await (const character of charactersOf(input)) {
      const state = line.type(character);
      if (state === 'more') continue;
      terminal.error('');
      if (state === 'interrupted') break;
      lines.push(line.text);
      if (lines.length === 2) break;
      terminal.ask('Again: ');
      line = new TypedLine();
    }
  } finally {
    input.setRawMode?.(false);
  }
  const [first, second] = lines;
  if (second === undefined) onInterrupt();
  if (first === undefined || first !== second) throw unusable('was not typed the same twice');
  return first;
}

async function* charactersOf(input: PasswordInput): AsyncIterable<string> {
  for await (const piece of input) yield* String(piece);
}

function unusable(why: string): RouterError {
  return new RouterError('ROUTER_PASSWORD_UNUSABLE', `The password ${why}.`);
}
