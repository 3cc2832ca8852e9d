import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { RouterError } from '../../errors.ts';
import type {
  Answer,
  Argument,
  OperationName,
  SqliteOpening,
  SqliteRequest,
  SqliteResponse,
} from './sqlite-protocol.ts';

interface Waiting {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: RouterError) => void;
}

/**
 * The thread seen from outside. What is asked in one turn of the event loop goes over in one message. A
 * thread that ends by itself fails what was asked of it; the next question starts another one.
 */
export class SqliteThreadHandle {
  readonly #opening: SqliteOpening;
  readonly #waiting = new Map<number, Waiting>();
  #outbox: SqliteRequest[] = [];
  #transfers: ArrayBuffer[] = [];
  #number = 0;
  #worker: Worker | undefined;
  #isClosed: boolean = false;

  constructor(opening: SqliteOpening) {
    this.#opening = opening;
  }

  /** Starts the thread and opens the file. */
  open(): Promise<Answer<'open'>> {
    this.#start();
    return this.#send('open', this.#opening);
  }

  /** `content` is handed over: the caller must not use it any more. */
  ask<Name extends Exclude<OperationName, 'open' | 'close'>>(
    name: Name,
    argument: Argument<Name>,
    content?: Uint8Array<ArrayBuffer>,
  ): Promise<Answer<Name>> {
    if (this.#isClosed) return Promise.reject(closedError());
    if (this.#worker === undefined) {
      this.#start();
      // What was claimed in this process still is.
      void this.#send('open', { ...this.#opening, isOwner: false }).catch(() => {});
    }
    return this.#send(name, argument, content);
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const worker = this.#worker;
    if (worker === undefined) return;
    // Everything asked before comes first: the thread works in order.
    await this.#send('close', undefined).catch(() => {});
    this.#worker = undefined;
    await worker.terminate();
    this.#fail(closedError());
  }

  #send<Name extends OperationName>(
    name: Name,
    argument: Argument<Name>,
    content?: Uint8Array<ArrayBuffer>,
  ): Promise<Answer<Name>> {
    return new Promise((resolve, reject) => {
      this.#number += 1;
      // The thread answers each request as the protocol says.
      this.#waiting.set(this.#number, { resolve: resolve as (answer: unknown) => void, reject });
      if (content !== undefined) this.#transfers.push(content.buffer);
      const isAlone = name === 'open' || name === 'close';
      if (isAlone) this.#flush();
      if (this.#outbox.length === 0) queueMicrotask(() => this.#flush());
      // Name and argument belong together, as the signature says.
      this.#outbox.push({ number: this.#number, name, argument } as unknown as SqliteRequest);
      if (isAlone) this.#flush();
    });
  }

  #flush(): void {
    if (this.#outbox.length === 0) return;
    this.#worker?.postMessage(this.#outbox, this.#transfers);
    this.#outbox = [];
    this.#transfers = [];
  }

  #start(): void {
    const file = import.meta.resolve(`./sqlite-worker${extname(import.meta.url)}`);
    const worker = new Worker(new URL(file), {
      name: 'spool',
      // Node 22 warns of every use of its SQLite, which the router has tested.
      execArgv: ['--disable-warning=ExperimentalWarning'],
    });
    this.#worker = worker;
    worker.on('message', (responses: readonly SqliteResponse[]) => this.#receive(responses));
    worker.on('error', (cause) => this.#ended(worker, cause));
    worker.on('exit', () => this.#ended(worker, undefined));
  }

  #receive(responses: readonly SqliteResponse[]): void {
    for (const response of responses) {
      const waiting = this.#waiting.get(response.number);
      this.#waiting.delete(response.number);
      if ('answer' in response) waiting?.resolve(response.answer);
      else waiting?.reject(new RouterError(response.fault.code, response.fault.message));
    }
  }

  #ended(worker: Worker, cause: unknown): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    this.#fail(new RouterError('ROUTER_SPOOL_FAILED', 'The thread of the spool ended.', { cause }));
  }

  #fail(error: RouterError): void {
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    this.#outbox = [];
    this.#transfers = [];
    for (const { reject } of waiting) reject(error);
  }
}

function closedError(): RouterError {
  return new RouterError('ROUTER_SPOOL_CLOSED', 'The spool is closed.');
}
