import type { GobType } from '../gob/gob-type.ts';

/** One method of a served service (net/rpc server.go, methodType). */
export interface RpcMethod {
  /** What `handle` is given: a received argument is fitted to it by field names. */
  readonly argument: GobType;
  /** What the answer of `handle` is encoded by. */
  readonly reply: GobType;
  /**
   * Answers one call; several may be under way at once. A rejection becomes the error text the caller
   * sees: only its `message` crosses the wire.
   */
  handle(argument: unknown): unknown;
}

/** The methods of one service by their name without the service's. */
export type RpcService = Readonly<Record<string, RpcMethod>>;
