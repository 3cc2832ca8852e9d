import type { Clock } from '../clock.ts';
import type { RpcService } from '../net-rpc/rpc-service.ts';
import type { RpcBroker } from './rpc-broker.ts';
import type { TransportLimits } from './transport-limits.ts';

/** What a plugin serves on one connection of its host (go-plugin rpc_server.go, ServeConn). */
export interface ServeOptions {
  /** Makes the service of `name` anew for each `Dispenser.Dispense`; undefined = unknown plugin. */
  dispense(name: string, broker: RpcBroker): RpcService | undefined;
  /**
   * The process's output for the host, iterated once per connection and only as fast as the host reads;
   * `return` is called on the iterator when the connection ends first.
   */
  readonly stdout: AsyncIterable<Uint8Array>;
  readonly stderr: AsyncIterable<Uint8Array>;
  /** Called once, when `Control.Quit` was answered: the process is to end. */
  onQuit(): void;
  readonly limits?: Partial<TransportLimits>;
  readonly clock?: Clock;
}

/** The plugin's end of one connection. */
export interface ServedConnection {
  /** Settles once, when the connection is gone: with the cause, or undefined after an orderly end. */
  readonly closed: Promise<Error | undefined>;
  /** Ends streams and socket. Idempotent. */
  close(): void;
}
