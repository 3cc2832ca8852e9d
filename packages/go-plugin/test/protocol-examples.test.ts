/** The bytes shown in docs/protocol: each block of them is read by our engines and means what stands beside it. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { GobDecoder } from '../src/gob/gob-decoder.ts';
import { GobInterfaceValue } from '../src/gob/gob-value.ts';
import { formatHandshakeLine } from '../src/handshake/format-handshake-line.ts';
import { parseHandshakeLine } from '../src/handshake/parse-handshake-line.ts';
import { describeFrames } from './yamux/wire.ts';

const PAGES = join(import.meta.dirname, '../../../docs/protocol');

interface Example {
  readonly page: string;
  readonly kind: string;
  readonly lines: readonly string[];
}

const EXAMPLES: readonly Example[] = readdirSync(PAGES)
  .filter((name) => name.endsWith('.md'))
  .flatMap((page) =>
    [...readFileSync(join(PAGES, page), 'utf8').matchAll(/^```(\w+)\n([\s\S]*?)^```/gm)].map(
      ([, kind = '', text = '']) => ({ page, kind, lines: text.trimEnd().split('\n') }),
    ),
  );

/** The bytes of a line, which may have single blanks, and what stands behind at least two more. */
function parts(line: string): { readonly bytes: Buffer; readonly meaning: string } {
  const [, hex = '', meaning = ''] = /^((?:[0-9a-f]+ ?)+) {2,}(\S.*)$/.exec(line) ?? [];
  assert.notEqual(hex, '', line);
  return { bytes: Buffer.from(hex.replaceAll(' ', ''), 'hex'), meaning };
}

/** A control character as JSON has it. */
function visible(character: string): string {
  return character < ' ' ? JSON.stringify(character).slice(1, -1) : character;
}

function ofKind(kind: string): readonly Example[] {
  const examples = EXAMPLES.filter((example) => example.kind === kind);
  assert.notEqual(examples.length, 0, kind);
  return examples;
}

/** Numbers beyond a double's as text, interfaces with their type. */
function toJson(_key: string, value: unknown): unknown {
  if (value instanceof GobInterfaceValue) return `${value.name}: ${String(value.value)}`;
  return value;
}

describe('the examples of docs/protocol', () => {
  for (const { page, lines } of ofKind('yamux')) {
    it(`${page}: frames ${lines[0]}`, () => {
      for (const line of lines) {
        const { bytes, meaning } = parts(line);
        const [described] = describeFrames(bytes);
        const shown = described?.split('').map(visible).join('');
        assert.equal(shown, meaning);
      }
    });
  }

  for (const { page, lines } of ofKind('gob')) {
    it(`${page}: gob ${lines[0]?.slice(0, 30)}`, () => {
      const decoder = new GobDecoder();
      for (const line of lines) {
        const { bytes, meaning } = parts(line);
        decoder.receive(new Uint8Array(bytes));
        assert.equal(JSON.stringify(decoder.next()?.value, toJson), meaning);
        assert.equal(decoder.next(), undefined);
        assert.equal(decoder.heldBytes, 0);
      }
    });
  }

  for (const { page, lines } of ofKind('handshake')) {
    it(`${page}: handshake lines`, () => {
      for (const line of lines) {
        const parse = parseHandshakeLine(Buffer.from(line));
        assert.ok(parse.kind === 'handshake', line);
        assert.ok(formatHandshakeLine(parse.line).startsWith(line), line);
      }
    });
  }
});
