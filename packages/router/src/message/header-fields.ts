/**
 * Reads fields of a header section for logs, loop checks and selectors. It never fails: a header is
 * anybody's bytes, and what it cannot make sense of it passes over. One pass over the lines; the work
 * and the memory are linear in the size of the section.
 */
import type { SelectHeader } from '@smtp-router/selector/contract';
import { firstMailboxAddress } from './mailbox-address.ts';

const LF = 10;
const CR = 13;
const SPACE = 32;
const TAB = 9;
const COLON = 58;
/** No registered field name is longer than 40. */
const MAX_NAME_LENGTH = 200;

/** The fields of one header section, in message order. */
export class HeaderFields {
  readonly #section: Buffer;
  readonly #fields: readonly FieldSpan[];

  constructor(section: Uint8Array) {
    this.#section = Buffer.from(section.buffer, section.byteOffset, section.byteLength);
    this.#fields = findFields(this.#section);
  }

  /** Unfolded value of the first field of that name (any case), trimmed; '' when there is none. */
  first(name: string): string {
    const wanted = name.toLowerCase();
    const field = this.#fields.find((span) => span.name === wanted);
    return field === undefined ? '' : this.#value(field);
  }

  /** How many fields bear the name; names in any case. */
  count(name: string): number {
    const wanted = name.toLowerCase();
    return this.#fields.reduce((sum, span) => sum + (span.name === wanted ? 1 : 0), 0);
  }

  /** Where the fields of a name stand, in message order; names in any case. */
  spans(name: string): readonly FieldSpan[] {
    const wanted = name.toLowerCase();
    return this.#fields.filter((span) => span.name === wanted);
  }

  /** Unfolded values of all fields of a name, trimmed. */
  all(name: string): readonly string[] {
    return this.spans(name).map((span) => this.#value(span));
  }

  /** Every field, in message order, names as written in the message. */
  get everything(): readonly SelectHeader[] {
    return this.#fields.map((span) => ({ name: this.#name(span), value: this.#value(span) }));
  }

  /** Address of the first mailbox of From, '' when there is none that can be understood. */
  get fromAddress(): string {
    return firstMailboxAddress(this.first('from'));
  }

  #name(span: FieldSpan): string {
    return this.#section.toString('latin1', span.start, span.start + span.name.length);
  }

  /** Unfolding removes line ends only (RFC 5322 §2.2.3); invalid UTF-8 becomes U+FFFD. */
  #value(span: FieldSpan): string {
    return this.#section
      .toString('utf8', span.valueStart, span.end)
      .replace(/[\r\n]/g, '')
      .trim();
  }
}

/** Where a field stands in the section, in bytes, continuation lines included. */
export interface FieldSpan {
  /** Lower-cased. */
  readonly name: string;
  readonly start: number;
  /** Behind the colon. */
  readonly valueStart: number;
  /** Behind the last line end. */
  readonly end: number;
}

function findFields(section: Buffer): readonly FieldSpan[] {
  const fields: FieldSpan[] = [];
  let open: Omit<FieldSpan, 'end'> | undefined;
  let lineStart = 0;
  while (lineStart < section.length) {
    const lineFeed = section.indexOf(LF, lineStart);
    const nextLine = lineFeed < 0 ? section.length : lineFeed + 1;
    const first = section[lineStart];
    if (first !== SPACE && first !== TAB) {
      if (open !== undefined) fields.push({ ...open, end: lineStart });
      open = undefined;
      if (first === CR || first === LF) return fields;
      open = fieldStart(section, lineStart, nextLine);
    }
    lineStart = nextLine;
  }
  if (open !== undefined) fields.push({ ...open, end: section.length });
  return fields;
}

/**
 * field-name = 1*ftext; ftext = %d33-57 / %d59-126 (RFC 5322 §3.6.8). White space before the colon is
 * the obsolete form of §4.5.
 */
function fieldStart(section: Buffer, start: number, lineEnd: number): Omit<FieldSpan, 'end'> | undefined {
  let index = start;
  while (index < lineEnd && index - start <= MAX_NAME_LENGTH && isNameByte(section[index])) index += 1;
  const nameEnd = index;
  while (index < lineEnd && (section[index] === SPACE || section[index] === TAB)) index += 1;
  if (nameEnd === start || section[index] !== COLON || index >= lineEnd) return undefined;
  return {
    name: section.toString('latin1', start, nameEnd).toLowerCase(),
    start,
    valueStart: index + 1,
  };
}

function isNameByte(byte: number | undefined): boolean {
  return byte !== undefined && byte > SPACE && byte < 127 && byte !== COLON;
}
