/**
 * The seam between a transport and the roles built on it. `host` opens a `PluginConnection`; what is
 * dispensed from it is an `RpcChannel` over net/rpc and a `GrpcChannel` over gRPC.
 */
import type { GobType } from '../gob/gob-type.ts';
import type { GrpcBroker } from './grpc-broker.ts';
import type { RpcBroker } from './rpc-broker.ts';

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

/**
 * A plugin dispensed over gRPC. All plugins of a connection share it, since gRPC tells services apart by
 * the path of each call (go-plugin grpc_client.go, Dispense).
 */
export interface GrpcChannel {
  /**
   * One unary call.
   *
   * @param path `/package.Service/Method`
   * @param request an encoded message; not kept
   * @returns the encoded reply. Rejects with a `PluginError`: deadline, connection gone, undecodable reply, or
   *   `PLUGIN_CALL_FAILED` when the plugin answered with a status other than OK
   */
  unary(path: string, request: Uint8Array, options: CallOptions): Promise<Uint8Array>;
  /** Calls under way. */
  readonly pendingCalls: number;
  close(): void;
}

/** What both transports offer. */
interface ConnectionLife {
  /** net/rpc: `Control.Ping`; gRPC: the health service is asked for `plugin`. */
  ping(options: CallOptions): Promise<void>;
  /** net/rpc: `Control.Quit`; gRPC: `GRPCController.Shutdown`. Asks the process to end; the answer may be lost. */
  quit(options: CallOptions): Promise<void>;
  /** Settles once, when the connection is gone, with the cause or undefined after `close()`. */
  readonly closed: Promise<Error | undefined>;
  /** Ends streams and socket; pending calls are rejected. Idempotent. */
  close(): void;
}

/** The host's end of a net/rpc connection (go-plugin rpc_client.go). */
export interface NetRpcPluginConnection extends ConnectionLife {
  readonly protocol: 'netrpc';
  /** `Dispenser.Dispense`; every call gives an independent channel. */
  dispense(name: string, options: CallOptions): Promise<RpcChannel>;
  /** For callbacks of the plugin, and for what it hands out by number. */
  readonly broker: RpcBroker;
}

/** The host's end of a gRPC connection (go-plugin grpc_client.go). */
export interface GrpcPluginConnection extends ConnectionLife {
  readonly protocol: 'grpc';
  /** Needs no word on the wire. */
  dispense(): GrpcChannel;
  /** For callbacks of the plugin, and for what it hands out by number. */
  readonly broker: GrpcBroker;
}

/** The host's end of one connection to a plugin. */
export type PluginConnection = NetRpcPluginConnection | GrpcPluginConnection;

/** As much of a connection as dispensing takes. */
export type DispensingConnection =
  | Pick<NetRpcPluginConnection, 'protocol' | 'dispense'>
  | Pick<GrpcPluginConnection, 'protocol' | 'dispense'>;
