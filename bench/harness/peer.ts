import type { Cell, Setup } from './cells.ts';

/**
 * A mail relay under measurement. Every peer is started with the same two sinks behind it, takes the
 * same load, and is measured the same way: CPU and memory of its whole process tree.
 */
export interface Peer {
  /** Row of the tables. */
  readonly name: string;
  /** Why it cannot run at all here, or not as the cell wants it; undefined when it can. It is left out with this line. */
  missing(cell: Cell): string | undefined;
  /** True when its child processes are plugins, whose CPU is shown apart. */
  readonly hasPlugin?: boolean;
  /** True when it accepts before it delivers: what is on its way at the end is then no loss. */
  readonly hasQueue?: boolean;
  start(context: PeerContext): Promise<RunningPeer>;
}

/** What every peer is given. */
export interface PeerContext {
  /** Free port on loopback to listen on. */
  readonly port: number;
  /** Ports of the sinks, on loopback. */
  readonly sinkPorts: readonly number[];
  /** Empty folder of its own. */
  readonly folder: string;
  readonly setup: Setup;
  /** PEM file with the key and then the certificate; empty unless the setup has TLS. */
  readonly certificateFile: string;
}

/** A started peer; the caller stops it. */
export interface RunningPeer {
  /** `host:port`, several by comma: the generator's connections take turns. */
  readonly address: string;
  /** `user:password` when mail needs AUTH. */
  readonly auth?: string;
  /** Root of the process tree to measure; absent for the direct run. */
  readonly pid?: number;
  stop(): Promise<void>;
}
