/**
 * The seam between a transport (net/rpc now, gRPC later) and the roles built on it. `host` opens a
 * `PluginConnection` on a socket; what is dispensed from it is an `RpcChannel`.
 */
import type { GobType } from '../gob/gob-type.ts';

/** Bounds of one call. */
export interface CallOptions {
  /** Milliseconds until the caller is rejected with `PLUGIN_CALL_TIMEOUT`; a later reply is dropped. */
  readonly timeoutMs: number;
  /** Rejects the caller at once when aborted; net/rpc cannot tell the plugin (go-plugin issue 284). */
  readonly signal?: AbortSignal;
}

/** A dispensed plugin: calls go to its `Plugin` service (go-plugin rpc_client.go, Dispense). */
export interface RpcChannel {
  /**
   * Calls `Plugin.<method>`. Resolves to the decoded reply together with its received type, so that
   * a caller can tell reply shapes apart. Rejects with a `PluginError` (deadline, connection gone,
   * undecodable reply) or, when the plugin itself answered with an error, `PLUGIN_CALL_FAILED`.
   */
  call(method: string, argument: GobArgument, options: CallOptions): Promise<GobReply>;
  /** Calls under way. */
  readonly pendingCalls: number;
  close(): void;
}

/** A value and the schema it is encoded by. */
export interface GobArgument {
  readonly type: GobType;
  readonly value: unknown;
}

/** A decoded value and the type the peer described it by. */
export interface GobReply {
  readonly type: GobType;
  readonly value: unknown;
}

/** The host's end of one connection to a plugin. */
export interface PluginConnection {
  readonly protocol: 'netrpc' | 'grpc';
  /** `Dispenser.Dispense`; every call gives an independent channel. */
  dispense(name: string, options: CallOptions): Promise<RpcChannel>;
  /** `Control.Ping`. */
  ping(options: CallOptions): Promise<void>;
  /** `Control.Quit`: asks the plugin process to end; the answer may be lost. */
  quit(options: CallOptions): Promise<void>;
  /** Settles once, when the connection is gone, with the cause or undefined after `close()`. */
  readonly closed: Promise<Error | undefined>;
  /** Ends streams and socket; pending calls are rejected. Idempotent. */
  close(): void;
}
