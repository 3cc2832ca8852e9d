import { PluginError } from '../errors.ts';
import { MessageReader } from '../grpc/message-reader.ts';
import type { ByteBudget } from './byte-budget.ts';

/** Reads a stream that carries exactly one message, within the budget of its connection. */
export class OneMessage {
  readonly #reader: MessageReader;
  readonly #budget: ByteBudget;
  /** What this message holds of the budget. */
  #takenBytes = 0;
  #message: Uint8Array | undefined;

  constructor(maxMessageBytes: number, budget: ByteBudget) {
    this.#reader = new MessageReader(maxMessageBytes);
    this.#budget = budget;
  }

  /** The message, when it is there whole and nothing of another is. */
  get whole(): Uint8Array | undefined {
    return this.#reader.isBetweenMessages ? this.#message : undefined;
  }

  /** @throws PluginError `GRPC_MALFORMED`, `GRPC_MESSAGE_TOO_LONG` */
  push(bytes: Uint8Array): void {
    this.#reader.push(bytes);
    const addedBytes = this.#reader.waitingBytes - this.#takenBytes;
    if (addedBytes !== 0) this.#take(addedBytes);
    for (let message = this.#reader.next(); message !== undefined; message = this.#reader.next()) {
      if (this.#message !== undefined) {
        throw new PluginError('GRPC_MALFORMED', 'More than one message came where one belongs.');
      }
      this.#message = message;
    }
  }

  /** Gives back what is held of the budget. */
  release(): void {
    this.#budget.take(-this.#takenBytes);
    this.#takenBytes = 0;
  }

  #take(addedBytes: number): void {
    this.#takenBytes += addedBytes;
    if (this.#budget.take(addedBytes)) return;
    throw new PluginError('GRPC_MESSAGE_TOO_LONG', 'Too many bytes of unfinished messages wait.');
  }
}
