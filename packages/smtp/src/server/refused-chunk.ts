import type { SmtpReply } from '../grammar/reply.ts';
import type { Refusal } from './server-reply.ts';
import type { CommandState } from './server-state.ts';

/**
 * A chunk that was refused (RFC 3030 §2): its bytes are under way whatever it is answered, and must not be
 * taken for commands. It is answered when all of them have come.
 */
export class RefusedChunk {
  /** State in which BDAT was said. */
  readonly state: CommandState;
  readonly answer: Refusal | SmtpReply;
  #leftBytes: number;

  constructor(sizeBytes: number, state: CommandState, answer: Refusal | SmtpReply) {
    this.#leftBytes = sizeBytes;
    this.state = state;
    this.answer = answer;
  }

  get isOver(): boolean {
    return this.#leftBytes === 0;
  }

  /** Throws away what belongs to the chunk; answers how many bytes that were. */
  skip(bytes: Uint8Array): number {
    const count = Math.min(bytes.length, this.#leftBytes);
    this.#leftBytes -= count;
    return count;
  }
}
