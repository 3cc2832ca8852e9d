/**
 * A bounded line in front of work that only a few can do at a time. Who waits is known by a key. Keys
 * are served in turn, so that one with much work keeps nobody waiting longer than one of its own; and
 * when the line is full, the key with the most in it gives a place to the one with less.
 */

/** Bounds of a line. */
export interface FairLineOptions {
  /** Pieces of work done at a time. */
  readonly maxRunning: number;
  /** Pieces of work waiting, over all keys. */
  readonly maxWaiting: number;
  /** Pieces of work of one key waiting. */
  readonly maxWaitingPerKey: number;
}

interface Job {
  /** Never rejects. */
  readonly start: () => Promise<void>;
  readonly drop: () => void;
}

/** One line. Nothing in it refers to a clock: work is waited for, not timed. */
export class FairLine {
  readonly #options: FairLineOptions;
  /** In the order they are served next; no entry is empty. */
  readonly #waiting = new Map<string, Job[]>();
  #waitingCount = 0;
  #running = 0;

  constructor(options: FairLineOptions) {
    this.#options = options;
  }

  /** What the work answers, or undefined when there was no place for it and it was never begun. */
  run<T>(key: string, work: () => Promise<T>): Promise<T | undefined> {
    const { promise, resolve, reject } = Promise.withResolvers<T | undefined>();
    const job: Job = {
      start: () => work().then(resolve, reject),
      drop: () => resolve(undefined),
    };
    if (this.#running < this.#options.maxRunning) this.#start(job);
    else if (this.#hasRoomFor(key)) this.#enqueue(key, job);
    else job.drop();
    return promise;
  }

  #start(job: Job): void {
    this.#running += 1;
    void job.start().then(() => {
      this.#running -= 1;
      this.#startNext();
    });
  }

  #startNext(): void {
    const [next] = this.#waiting;
    if (next === undefined) return;
    const [key, jobs] = next;
    const job = jobs.shift();
    this.#waiting.delete(key);
    if (jobs.length > 0) this.#waiting.set(key, jobs);
    if (job === undefined) return;
    this.#waitingCount -= 1;
    this.#start(job);
  }

  #hasRoomFor(key: string): boolean {
    const own = this.#waiting.get(key)?.length ?? 0;
    if (own >= this.#options.maxWaitingPerKey) return false;
    return this.#waitingCount < this.#options.maxWaiting || this.#dropFor(own);
  }

  /** Takes the newest place of the key that has the most; false when nobody has clearly more. */
  #dropFor(own: number): boolean {
    let greediest: Job[] = [];
    for (const jobs of this.#waiting.values()) if (jobs.length > greediest.length) greediest = jobs;
    if (greediest.length <= own + 1) return false;
    greediest.pop()?.drop();
    this.#waitingCount -= 1;
    return true;
  }

  #enqueue(key: string, job: Job): void {
    const jobs = this.#waiting.get(key) ?? [];
    jobs.push(job);
    this.#waiting.set(key, jobs);
    this.#waitingCount += 1;
  }
}
