/**
 * The answering side of net/rpc on one stream, without the stream (net/rpc server.go).
 *
 * A request for an unknown service or method, or with an argument of the wrong type, is answered here, in
 * Go's words, with its argument consumed: the stream stays usable. Others become events and are answered by
 * `reply` or `refuse` in any order.
 */
import { PluginError } from '../errors.ts';
import { ValueFitter } from '../gob/fit-value.ts';
import { GobDecoder } from '../gob/gob-decoder.ts';
import { GobEncoder } from '../gob/gob-encoder.ts';
import type { GobLimits } from '../gob/gob-limits.ts';
import type { GobRegistry } from '../gob/gob-registry.ts';
import type { GobDecoded } from '../gob/gob-value.ts';
import { GOB_EMPTY_STRUCT } from '../gob/schema.ts';
import { parseRequestHeader, RESPONSE_TYPE, type RequestHeader } from './rpc-header.ts';
import type { RpcMethod, RpcService } from './rpc-service.ts';

export interface RpcResponderOptions {
  readonly limits?: Partial<GobLimits>;
  /** Types that interfaces in replies may hold. */
  readonly registry?: GobRegistry;
  /** Requests handed out and not answered; `nextEvent` waits beyond it. Default 1024. */
  readonly maxPendingRequests?: number;
}

/** A request to be answered once. */
export interface RpcRequest extends RequestHeader {
  readonly method: RpcMethod;
  /** Fitted to `method.argument`. */
  readonly argument: unknown;
}

export type RpcResponderEvent =
  | { readonly kind: 'request'; readonly request: RpcRequest }
  /** The stream cannot be understood any more: the last event. */
  | { readonly kind: 'failed'; readonly error: PluginError };

/** A method, or why there is none in Go's words. */
type Lookup =
  | { readonly kind: 'found'; readonly method: RpcMethod }
  | { readonly kind: 'missing'; readonly text: string };

export class RpcResponder {
  readonly #services: ReadonlyMap<string, RpcService>;
  readonly #encoder: GobEncoder;
  readonly #decoder: GobDecoder;
  readonly #maxPendingRequests: number;
  readonly #fitter = new ValueFitter();
  readonly #pending = new Set<RpcRequest>();
  #header: RequestHeader | undefined;
  #hasFailed: boolean = false;

  constructor(services: ReadonlyMap<string, RpcService>, options: RpcResponderOptions = {}) {
    this.#services = services;
    this.#maxPendingRequests = options.maxPendingRequests ?? 1024;
    this.#encoder = new GobEncoder(options.registry === undefined ? {} : { registry: options.registry });
    this.#decoder = new GobDecoder(options.limits);
  }

  get pendingRequests(): number {
    return this.#pending.size;
  }

  /** True while requests are not handed out because too many are unanswered. */
  get isSaturated(): boolean {
    return this.#pending.size >= this.#maxPendingRequests;
  }

  /** Takes bytes of the peer, cut anywhere; leave them unchanged until `nextEvent` answers undefined. */
  receive(bytes: Uint8Array): void {
    if (!this.#hasFailed) this.#decoder.receive(bytes);
  }

  /** The next request; undefined when more bytes are needed or `isSaturated`. */
  nextEvent(): RpcResponderEvent | undefined {
    if (this.#hasFailed) return undefined;
    try {
      return this.#nextRequest();
    } catch (error) {
      if (!(error instanceof PluginError)) throw error;
      this.#hasFailed = true;
      return { kind: 'failed', error };
    }
  }

  /** Answers a request; a value that does not fit `method.reply` becomes an error for the caller. */
  reply(request: RpcRequest, value: unknown): void {
    if (!this.#pending.delete(request)) return;
    const { outputLength, definedTypes } = this.#encoder;
    this.#encodeHeader(request, '');
    try {
      this.#encoder.encode(request.method.reply, value);
    } catch (error) {
      this.#encoder.rollback(outputLength, definedTypes);
      this.#sendError(request, error instanceof Error ? error.message : String(error));
    }
  }

  /** Answers a request by an error text; an empty one would mean success, so it is replaced. */
  refuse(request: RpcRequest, text: string): void {
    if (this.#pending.delete(request)) this.#sendError(request, text);
  }

  /** Bytes for the peer, as a view that the next answer overwrites. */
  takeOutput(): Uint8Array {
    return this.#encoder.takeOutput();
  }

  #nextRequest(): RpcResponderEvent | undefined {
    while (!this.isSaturated) {
      const decoded = this.#decoder.next();
      if (decoded === undefined) return undefined;
      if (this.#header === undefined) {
        this.#header = parseRequestHeader(decoded);
        continue;
      }
      const header = this.#header;
      this.#header = undefined;
      const request = this.#admit(header, decoded);
      if (request !== undefined) return { kind: 'request', request };
    }
    return undefined;
  }

  /** The request, unless it was answered at once. */
  #admit(header: RequestHeader, argument: GobDecoded): RpcRequest | undefined {
    const lookup = this.#lookUp(header.serviceMethod);
    if (lookup.kind === 'missing') {
      this.#sendError(header, lookup.text);
      return undefined;
    }
    const fitted = this.#fitter.fit(argument, lookup.method.argument);
    if (fitted.kind === 'mismatch') {
      this.#sendError(header, fitted.text);
      return undefined;
    }
    const request: RpcRequest = { ...header, method: lookup.method, argument: fitted.value };
    this.#pending.add(request);
    return request;
  }

  /** The method after the last dot of the service before it. */
  #lookUp(serviceMethod: string): Lookup {
    const dot = serviceMethod.lastIndexOf('.');
    if (dot < 0) return { kind: 'missing', text: `rpc: service/method request ill-formed: ${serviceMethod}` };
    const service = this.#services.get(serviceMethod.slice(0, dot));
    if (service === undefined) return { kind: 'missing', text: `rpc: can't find service ${serviceMethod}` };
    const name = serviceMethod.slice(dot + 1);
    const method = Object.hasOwn(service, name) ? service[name] : undefined;
    if (method === undefined) return { kind: 'missing', text: `rpc: can't find method ${serviceMethod}` };
    return { kind: 'found', method };
  }

  #encodeHeader({ serviceMethod, seq }: RequestHeader, error: string): void {
    this.#encoder.encode(RESPONSE_TYPE, { ServiceMethod: serviceMethod, Seq: seq, Error: error });
  }

  /** An error with the empty struct net/rpc sends in place of a reply. */
  #sendError(header: RequestHeader, text: string): void {
    this.#encodeHeader(header, text === '' ? 'the method failed without saying why' : text);
    this.#encoder.encode(GOB_EMPTY_STRUCT, {});
  }
}
