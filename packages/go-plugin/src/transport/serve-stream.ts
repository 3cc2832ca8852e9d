/**
 * Services on one stream: the net/rpc responder joined to its stream. Requests run side by side; while too
 * many are unanswered, received bytes are not reported as consumed, so that the peer's window holds it back.
 */
import type { PluginError } from '../errors.ts';
import type { GobLimits } from '../gob/gob-limits.ts';
import { type RpcRequest, RpcResponder, type RpcResponderEvent } from '../net-rpc/rpc-responder.ts';
import type { RpcService } from '../net-rpc/rpc-service.ts';
import type { MuxStream, StreamOwner } from './mux-stream.ts';

export interface ServeStreamOptions {
  readonly stream: MuxStream;
  readonly services: ReadonlyMap<string, RpcService>;
  readonly gobLimits: Partial<GobLimits>;
  readonly maxPendingRequests: number;
  /** The peer sent what is no net/rpc. */
  onFailed(error: PluginError): void;
}

export class ServeStream implements StreamOwner {
  readonly #stream: MuxStream;
  readonly #responder: RpcResponder;
  readonly #onFailed: (error: PluginError) => void;
  /** Bytes received and not reported as consumed. */
  #unconsumed = 0;
  #isOver: boolean = false;
  #hasEnded: boolean = false;

  constructor(options: ServeStreamOptions) {
    this.#stream = options.stream;
    this.#onFailed = options.onFailed;
    this.#responder = new RpcResponder(options.services, {
      limits: options.gobLimits,
      maxPendingRequests: options.maxPendingRequests,
    });
    options.stream.setOwner(this);
  }

  data(bytes: Uint8Array): void {
    this.#unconsumed += bytes.length;
    this.#responder.receive(bytes);
    this.#work();
  }

  /** The peer makes no more calls; those under way are still answered. */
  end(): void {
    this.#hasEnded = true;
    this.#finishIfDone();
  }

  closed(): void {
    this.#isOver = true;
  }

  #work(): void {
    for (let event = this.#responder.nextEvent(); event !== undefined; event = this.#responder.nextEvent()) {
      this.#handle(event);
    }
    this.#send();
    if (this.#responder.isSaturated || this.#isOver) return;
    this.#stream.consumed(this.#unconsumed);
    this.#unconsumed = 0;
  }

  #handle(event: RpcResponderEvent): void {
    if (event.kind === 'failed') {
      this.#isOver = true;
      this.#onFailed(event.error);
    } else {
      void this.#run(event.request);
    }
  }

  async #run(request: RpcRequest): Promise<void> {
    try {
      const value = await request.method.handle(request.argument);
      this.#responder.reply(request, value);
    } catch (error) {
      this.#responder.refuse(request, error instanceof Error ? error.message : String(error));
    }
    this.#work();
    this.#finishIfDone();
  }

  #send(): void {
    const bytes = this.#responder.takeOutput();
    if (bytes.length === 0 || this.#isOver) return;
    try {
      this.#stream.write(bytes);
    } catch {
      // The peer does not read its replies. One that is left out breaks its stream of types: give it up.
      this.#isOver = true;
      this.#stream.reset();
    }
  }

  #finishIfDone(): void {
    if (!this.#hasEnded || this.#isOver || this.#responder.pendingRequests > 0) return;
    this.#isOver = true;
    this.#stream.finish();
  }
}
