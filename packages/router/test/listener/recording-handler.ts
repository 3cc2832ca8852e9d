import { EventEmitter, once } from 'node:events';
import type { SmtpReply } from '@smtp-router/smtp/grammar';
import type { Answer, SessionHandler } from '../../src/listener/session-handler.ts';

const OK: SmtpReply = { code: 250, enhancedCode: '2.0.0', lines: ['Ok'] };

/** Says yes to everything, notes what it was called with, and lets a test answer in its stead. */
export class RecordingHandler implements SessionHandler {
  /** `mail`, `rcpt`, … in order; content as `content N` with the bytes so far. */
  readonly calls: string[] = [];
  contentBytes = 0;
  readonly #emitter = new EventEmitter();
  /** Answers instead of yes, by question. */
  readonly answers: Partial<Record<'auth' | 'mail' | 'rcpt' | 'data' | 'contentEnd', () => Answer>> = {};
  onContent: () => void | Promise<void> = () => {};

  /** Resolves with the next call of that name. */
  async called(name: string): Promise<void> {
    if (this.calls.includes(name)) return;
    await once(this.#emitter, name);
  }

  /** Resolves when that much content has come. */
  async received(bytes: number): Promise<void> {
    while (this.contentBytes < bytes) await once(this.#emitter, 'content');
  }

  tlsStarted(): void {
    this.#note('tlsStarted');
  }
  hello(domain: string): void {
    this.#note('hello', `hello ${domain}`);
  }
  auth(): Answer {
    this.#note('auth');
    return this.answers.auth?.() ?? { code: 235, lines: ['Ok'] };
  }
  mail(): Answer {
    this.#note('mail');
    return this.answers.mail?.() ?? OK;
  }
  rcpt(): Answer {
    this.#note('rcpt');
    return this.answers.rcpt?.() ?? OK;
  }
  data(): Answer {
    this.#note('data');
    return this.answers.data?.() ?? { code: 354, lines: ['Go on'] };
  }
  content(bytes: Uint8Array): void | Promise<void> {
    this.contentBytes += bytes.length;
    this.#emitter.emit('content');
    return this.onContent();
  }
  contentEnd(): Answer {
    this.#note('contentEnd');
    return this.answers.contentEnd?.() ?? OK;
  }
  reset(): void {
    this.#note('reset');
  }
  protocolError(code: string): void {
    this.#note('protocolError', `protocolError ${code}`);
  }
  closed(reason: string): void {
    this.#note('closed', `closed ${reason}`);
  }

  #note(name: string, call = name): void {
    this.calls.push(call);
    this.#emitter.emit(name);
  }
}
