import { HeaderSection } from '../message/header-section.ts';
import type { MessageBody } from '../message/message-body.ts';

/** Content that stays in the store and is read piece by piece. */
export interface StoredBodyParts {
  readonly sizeBytes: number;
  readonly has8bit: boolean;
  /** The first piece, 64 KiB or the whole: the header section is looked for in it. */
  readonly first: Uint8Array;
  /** Reads everything from the first byte on; fails rather than ending too early. */
  readonly read: () => AsyncIterable<Uint8Array>;
}

/** The body of a large claimed message. Holds no file open: there is nothing to release. */
export class StoredBody implements MessageBody {
  readonly sizeBytes: number;
  readonly has8bit: boolean;
  readonly headerSection: Uint8Array;
  readonly #read: () => AsyncIterable<Uint8Array>;

  constructor({ sizeBytes, has8bit, first, read }: StoredBodyParts) {
    this.sizeBytes = sizeBytes;
    this.has8bit = has8bit;
    const header = new HeaderSection();
    header.append(first);
    this.headerSection = header.bytes();
    this.#read = read;
  }

  read(): AsyncIterable<Uint8Array> {
    return this.#read();
  }

  release(): void {}
}
