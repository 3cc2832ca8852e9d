/** `Describe` of generation 2: what a plugin says of itself before it is put to use. */
import { withoutControls } from '../../contract/index.ts';
import { shapeError, tooLong } from '../../contract/reply-fault.ts';
import { WireReader } from './wire-reader.ts';

/** What a plugin is and wants to see. */
export interface SelectorDescription {
  /** For people; may be empty. */
  readonly name: string;
  readonly version: string;
  /** Names of header fields, lower-cased, each once; `['*']` for all. */
  readonly headers: readonly string[];
}

const MAX_NAME_CHARS = 200;
const MAX_HEADERS = 100;
const MAX_HEADER_NAME_CHARS = 200;

/** field-name of RFC 5322 §3.6.8: printable ASCII but the colon. */
const HEADER_NAME = /^[!-9;-~]+$/;

/** The value `DESCRIBE_REPLY_V2` is encoded from. */
export function encodeDescriptionV2(description: SelectorDescription): Readonly<Record<string, unknown>> {
  const { name, version, headers } = description;
  return { ContractVersion: 2, Name: name, Version: version, Headers: headers };
}

/**
 * Reads an answer in the shape of `DESCRIBE_REPLY_V2`; texts are cut to 200 characters.
 *
 * Throws `SelectorError` SELECTOR_REPLY_SHAPE or SELECTOR_REPLY_TOO_LONG.
 */
export function decodeDescriptionV2(value: unknown, selector: string): SelectorDescription {
  const reply = WireReader.ofReply(value, 'DescribeReply', selector);
  const wanted = reply.texts('Headers');
  if (wanted.length > MAX_HEADERS) throw tooLong(selector, MAX_HEADERS, 'names of header fields');
  for (const name of wanted) {
    if (name.length > MAX_HEADER_NAME_CHARS || !HEADER_NAME.test(name)) {
      throw shapeError(selector, 'DescribeReply.Headers holds what is no name of a header field');
    }
  }
  const headers = new Set(wanted.map((name) => name.toLowerCase()));
  return {
    name: shown(reply.text('Name')),
    version: shown(reply.text('Version')),
    headers: headers.has('*') ? ['*'] : [...headers],
  };
}

function shown(text: string): string {
  return withoutControls(text.slice(0, MAX_NAME_CHARS));
}
