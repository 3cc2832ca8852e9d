import { isAscii } from 'node:buffer';
import { HeaderSection } from './header-section.ts';

/** What is learnt of content while it comes in, wherever its bytes are kept. */
export class ContentFacts {
  readonly header = new HeaderSection();
  #sizeBytes = 0;
  #has8bit = false;

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** True when a byte above 127 occurred. */
  get has8bit(): boolean {
    return this.#has8bit;
  }

  /** Looks at the next piece; the header section keeps a view of it. */
  append(chunk: Uint8Array): void {
    this.#sizeBytes += chunk.length;
    this.#has8bit ||= !isAscii(chunk);
    this.header.append(chunk);
  }
}
