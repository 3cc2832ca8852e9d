import { DotStuffer } from '@smtp-router/smtp/grammar';
import type { MessageBody } from '../message/message-body.ts';
import type { DownstreamConnection } from './downstream-connection.ts';

/** Pieces are written together up to this size: one system call for a small message with its end. */
const BATCH_BYTES = 65_536;

/** What content is written to. */
export type ContentTarget = Pick<DownstreamConnection, 'writeContent' | 'endContent'>;

/**
 * Writes the content of one message, dots stuffed, and the end of data (RFC 5321 §4.5.2); never more
 * than a batch ahead of the downstream.
 */
export class ContentWriter {
  readonly #connection: ContentTarget;
  readonly #stuffer = new DotStuffer();
  #batch: Uint8Array[] = [];
  #batchBytes = 0;

  constructor(connection: ContentTarget) {
    this.#connection = connection;
  }

  /**
   * Ends, or settles, when all is handed to the socket, or when there is no point in going on: the
   * connection failed or the downstream spoke too early. The next event of the connection says which.
   */
  write(body: MessageBody): void | Promise<void> {
    const pieces = body.read();
    if (isAsync(pieces) || body.sizeBytes >= BATCH_BYTES) return this.#writeInBatches(pieces);
    for (const piece of pieces) this.#add(piece);
    this.#end();
  }

  async #writeInBatches(pieces: ReturnType<MessageBody['read']>): Promise<void> {
    const isWritten = isAsync(pieces) ? await this.#writeAsync(pieces) : await this.#writeAll(pieces);
    if (isWritten) this.#end();
  }

  async #writeAll(pieces: readonly Uint8Array[]): Promise<boolean> {
    for (const piece of pieces) {
      this.#add(piece);
      if (this.#batchBytes >= BATCH_BYTES && !(await this.#flush())) return false;
    }
    return true;
  }

  #end(): void {
    this.#batch.push(this.#stuffer.finish());
    this.#connection.endContent(this.#batch);
  }

  async #writeAsync(pieces: AsyncIterable<Uint8Array>): Promise<boolean> {
    for await (const piece of pieces) {
      this.#add(piece);
      if (this.#batchBytes >= BATCH_BYTES && !(await this.#flush())) return false;
    }
    return true;
  }

  #add(piece: Uint8Array): void {
    for (const part of this.#stuffer.stuff(piece)) {
      this.#batch.push(part);
      this.#batchBytes += part.length;
    }
  }

  #flush(): Promise<boolean> {
    const batch = this.#batch;
    this.#batch = [];
    this.#batchBytes = 0;
    return this.#connection.writeContent(batch);
  }
}

function isAsync(pieces: ReturnType<MessageBody['read']>): pieces is AsyncIterable<Uint8Array> {
  return Symbol.asyncIterator in pieces;
}
