/** A call that has not ended; kept by `CallsUnderWay`. */
export interface CallUnderWay {
  /** On the monotonic clock, milliseconds. */
  readonly dueAt: number;
  readonly reject: (error: unknown) => void;
  next: CallUnderWay | undefined;
  previous: CallUnderWay | undefined;
  hasEnded: boolean;
}

/**
 * The calls under way in one process, in a list linked through the calls themselves. All have as much
 * time, so that the one begun first is due first.
 */
export class CallsUnderWay {
  #first: CallUnderWay | undefined;
  #last: CallUnderWay | undefined;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The one due first. */
  get first(): CallUnderWay | undefined {
    return this.#first;
  }

  /** @param dueAt not before that of the call added last */
  add(dueAt: number, reject: (error: unknown) => void): CallUnderWay {
    const call: CallUnderWay = { dueAt, reject, next: undefined, previous: this.#last, hasEnded: false };
    if (this.#last === undefined) this.#first = call;
    else this.#last.next = call;
    this.#last = call;
    this.#size += 1;
    return call;
  }

  /** Takes a call out; false when it has ended before. */
  end(call: CallUnderWay): boolean {
    if (call.hasEnded) return false;
    call.hasEnded = true;
    const { next, previous } = call;
    if (previous === undefined) this.#first = next;
    else previous.next = next;
    if (next === undefined) this.#last = previous;
    else next.previous = previous;
    call.next = undefined;
    call.previous = undefined;
    this.#size -= 1;
    return true;
  }
}
