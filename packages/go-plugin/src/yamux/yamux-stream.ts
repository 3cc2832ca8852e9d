import { INITIAL_WINDOW_BYTES } from './frame.ts';
import type { FrameWriter } from './frame-writer.ts';
import { nextStreamState, type StreamState, type StreamStep } from './stream-state.ts';

/** One stream's state, windows and waiting data. Knows nothing of the session around it. */
export class YamuxStream {
  readonly id: number;
  #state: StreamState;
  /** Bytes the peer lets us send. */
  #sendWindow = INITIAL_WINDOW_BYTES;
  /** Bytes the peer may still send. */
  #receiveWindow = INITIAL_WINDOW_BYTES;
  /** Bytes received and not yet consumed. */
  #unconsumedBytes = 0;
  /** Bytes consumed and not yet granted again. Always less than half a window. */
  #credit = 0;
  /** Copies of data that wait for window or output; the first may have been sent in part. */
  #queue: Uint8Array[] = [];
  #queuedBytes = 0;
  /** True between `finish` and the FIN, which follows the last queued byte. */
  isFinishing: boolean = false;
  /** True until the ACK of a stream the peer opened was sent. */
  owesAck: boolean;
  /** True when the owner is to hear that the queue has emptied. */
  wantsDrained: boolean = false;

  constructor(id: number, state: 'syn-sent' | 'syn-received') {
    this.id = id;
    this.#state = state;
    this.owesAck = state === 'syn-received';
  }

  get state(): StreamState {
    return this.#state;
  }

  /** The only way to change the state; false when the step is illegal in it. */
  step(step: StreamStep): boolean {
    const next = nextStreamState(this.#state, step);
    if (next === undefined) return false;
    this.#state = next;
    return true;
  }

  get isOver(): boolean {
    return this.#state === 'closed' || this.#state === 'reset';
  }

  /** True when data or an end may still be added by us. */
  get canSend(): boolean {
    return !this.isFinishing && nextStreamState(this.#state, 'sendData') !== undefined && !this.owesAck;
  }

  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  get sendWindow(): number {
    return this.#sendWindow;
  }

  get receiveWindow(): number {
    return this.#receiveWindow;
  }

  /** Adds to the send window; false when it would exceed what 32 bits hold. */
  grant(bytes: number): boolean {
    if (this.#sendWindow + bytes > 0xffff_ffff) return false;
    this.#sendWindow += bytes;
    return true;
  }

  /** Accounts for a data frame of `bytes`; false when it overruns the window. */
  receive(bytes: number): boolean {
    if (bytes > this.#receiveWindow) return false;
    this.#receiveWindow -= bytes;
    this.#unconsumedBytes += bytes;
    return true;
  }

  /**
   * Accounts for consumed bytes; answers the window to grant now, which is 0 until half of a whole
   * window has come together.
   */
  consume(bytes: number): number {
    const consumed = Math.min(bytes, this.#unconsumedBytes);
    this.#unconsumedBytes -= consumed;
    this.#credit += consumed;
    if (this.#credit < INITIAL_WINDOW_BYTES / 2) return 0;
    const granted = this.#credit;
    this.#receiveWindow += granted;
    this.#credit = 0;
    return granted;
  }

  /** Writes as much of `bytes` as window and `room` allow, unless older data waits; answers how much. */
  write(bytes: Uint8Array, out: FrameWriter, room: number): number {
    const size = this.#queue.length > 0 ? 0 : Math.min(bytes.length, this.#sendWindow, room);
    if (size <= 0) return 0;
    out.data(this.id, size === bytes.length ? bytes : bytes.subarray(0, size));
    this.#sendWindow -= size;
    return size;
  }

  /** Keeps a copy of `bytes` behind what waits already. */
  enqueue(bytes: Uint8Array): void {
    this.#queue.push(bytes.slice());
    this.#queuedBytes += bytes.length;
  }

  /** Writes one frame's worth of waiting data; answers its size, 0 when nothing can go. */
  writeQueued(out: FrameWriter, room: number): number {
    const [first] = this.#queue;
    if (first === undefined) return 0;
    const size = Math.min(first.length, this.#sendWindow, room);
    if (size <= 0) return 0;
    out.data(this.id, first.subarray(0, size));
    this.#sendWindow -= size;
    this.#queuedBytes -= size;
    if (size === first.length) this.#queue.shift();
    else this.#queue[0] = first.subarray(size);
    return size;
  }

  discardQueue(): void {
    this.#queue = [];
    this.#queuedBytes = 0;
  }
}
