/**
 * Reads the replies of a peer that may be broken or hostile (RFC 5321 §4.2): three digits, 2xx to 5xx,
 * the same in every line, lines ended by CRLF, and not more of them than the limits allow. After the
 * first fault nothing more is read.
 */
import { ByteQueue } from './byte-queue.ts';
import { isDigit } from './core-rules.ts';
import { splitEnhancedCode } from './enhanced-status.ts';
import { type LineFault, LineReader } from './line-reader.ts';
import type { SmtpReply } from './reply.ts';
import { decodeUtf8 } from './text-codec.ts';

/** What one reply may hold. */
export interface ReplyLimits {
  /** All its lines together. Default 65 536. */
  readonly maxReplyBytes?: number;
  /** Default 100. */
  readonly maxReplyLines?: number;
}

/** The next reply, or that there is none yet, or why there never will be one. */
export type ReplyRead =
  | { readonly kind: 'reply'; readonly reply: SmtpReply }
  | { readonly kind: 'need-more' }
  | {
      readonly kind: 'fault';
      readonly code: 'SMTP_REPLY_MALFORMED' | 'SMTP_REPLY_TOO_LONG';
      readonly message: string;
    };

type ReplyFault = Extract<ReplyRead, { kind: 'fault' }>;

interface ReplyLine {
  readonly code: number;
  readonly isLast: boolean;
  readonly text: string;
}

const NEED_MORE: ReplyRead = { kind: 'need-more' };
const HYPHEN = 0x2d;
const SPACE = 0x20;
const lenientDecoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Replies of one connection. */
export class ReplyReader {
  readonly #maxReplyBytes: number;
  readonly #maxReplyLines: number;
  readonly #input = new ByteQueue();
  readonly #lineReader: LineReader;
  /** Lines of a reply that has begun; empty between replies. */
  #lines: ReplyLine[] = [];
  #replyBytes = 0;
  #fault: ReplyFault | undefined;

  constructor(limits: ReplyLimits = {}) {
    this.#maxReplyBytes = limits.maxReplyBytes ?? 65_536;
    this.#maxReplyLines = limits.maxReplyLines ?? 100;
    this.#lineReader = new LineReader(this.#maxReplyBytes);
  }

  /** True when bytes came that belong to no reply answered yet; false after a fault. */
  get hasUnread(): boolean {
    if (this.#fault !== undefined) return false;
    return !this.#input.isEmpty || this.#lineReader.isInLine || this.#lines.length > 0;
  }

  push(bytes: Uint8Array): void {
    if (this.#fault === undefined) this.#input.push(bytes);
  }

  /** Forgets everything received, for a fresh start over TLS. */
  clear(): void {
    this.#input.clear();
    this.#lines = [];
    this.#replyBytes = 0;
  }

  /** The next reply, if it is complete. */
  next(): ReplyRead {
    while (this.#fault === undefined) {
      if (this.#input.isEmpty) return NEED_MORE;
      const text = this.#readLine();
      const reply = text === undefined ? undefined : this.#addLine(text);
      if (reply !== undefined) return { kind: 'reply', reply };
    }
    return this.#fault;
  }

  /** The next line, if it has ended and breaks no limit. */
  #readLine(): string | undefined {
    const plain = this.#lineReader.isInLine ? undefined : this.#input.takePlainLine();
    if (plain === undefined) return this.#readAnyLine();
    this.#replyBytes += plain.length + 2;
    if (this.#replyBytes <= this.#maxReplyBytes) return plain;
    this.#failTooLong();
    return undefined;
  }

  #readAnyLine(): string | undefined {
    const bytes = this.#input.peek();
    if (bytes === undefined) return undefined;
    const read = this.#lineReader.read(bytes);
    this.#input.skip(read.consumed);
    this.#replyBytes += read.consumed;
    if (this.#replyBytes > this.#maxReplyBytes || this.#lineReader.isOverflowing) this.#failTooLong();
    else if (read.kind === 'fault') this.#failFor(read.fault);
    return read.kind === 'line' && this.#fault === undefined ? decodeText(read.line) : undefined;
  }

  #addLine(text: string): SmtpReply | undefined {
    const line = parseReplyLine(text);
    if (line === undefined) {
      this.#fail('SMTP_REPLY_MALFORMED', 'A reply line does not begin with a reply code.');
      return undefined;
    }
    if (line.code !== (this.#lines[0]?.code ?? line.code)) {
      this.#fail('SMTP_REPLY_MALFORMED', 'The lines of one reply have different codes.');
      return undefined;
    }
    if (line.isLast && this.#lines.length === 0 && this.#maxReplyLines > 0) return this.#takeSingle(line);
    this.#lines.push(line);
    if (this.#lines.length > this.#maxReplyLines) this.#failTooLong();
    return line.isLast && this.#fault === undefined ? this.#takeReply(line.code) : undefined;
  }

  /** Nearly all replies have one line. */
  #takeSingle({ code, text }: ReplyLine): SmtpReply {
    this.#replyBytes = 0;
    const split = splitEnhancedCode(code, text);
    const lines = [split.text];
    return split.enhancedCode === undefined
      ? { code, lines }
      : { code, enhancedCode: split.enhancedCode, lines };
  }

  #takeReply(code: number): SmtpReply {
    const texts: string[] = [];
    let enhancedCode: string | undefined;
    for (const line of this.#lines) {
      const split = splitEnhancedCode(code, line.text);
      enhancedCode ??= split.enhancedCode;
      texts.push(split.text);
    }
    this.#lines = [];
    this.#replyBytes = 0;
    return enhancedCode === undefined ? { code, lines: texts } : { code, enhancedCode, lines: texts };
  }

  #failFor(fault: LineFault): void {
    if (fault === 'too-long' || fault === 'endless') this.#failTooLong();
    else this.#fail('SMTP_REPLY_MALFORMED', 'A reply line ends with CR or LF alone.');
  }

  #failTooLong(): void {
    const limits = `${this.#maxReplyBytes} bytes or ${this.#maxReplyLines} lines`;
    this.#fail('SMTP_REPLY_TOO_LONG', `A reply is longer than ${limits}.`);
  }

  #fail(code: ReplyFault['code'], message: string): void {
    this.#fault = { kind: 'fault', code, message };
    this.clear();
  }
}

/** Reply-line = Reply-code [ ( SP / "-" ) textstring ]; Reply-code = %x32-35 2DIGIT */
function parseReplyLine(line: string): ReplyLine | undefined {
  if (line.length < 3) return undefined;
  const first = line.charCodeAt(0);
  const second = line.charCodeAt(1);
  const third = line.charCodeAt(2);
  if (first < 0x32 || first > 0x35 || !isDigit(second) || !isDigit(third)) return undefined;
  const separator = line.length > 3 ? line.charCodeAt(3) : SPACE;
  if (separator !== SPACE && separator !== HYPHEN) return undefined;
  const code = (first - 0x30) * 100 + (second - 0x30) * 10 + (third - 0x30);
  return { code, isLast: separator !== HYPHEN, text: line.slice(4) };
}

/** What most other lines are made of. */
const PLAIN = /^[\x20-\x7e]*$/;
/** Controls, line and paragraph separators, and what turns the direction of writing. */
const NOT_SHOWN = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_C}]/gu;

/** Text of a reply; nothing that forges a line or hides another text can pass, nor broken UTF-8. */
function decodeText(bytes: Uint8Array): string {
  const text = decodeUtf8(bytes) ?? lenientDecoder.decode(bytes);
  return PLAIN.test(text) ? text : text.replace(NOT_SHOWN, '?');
}
