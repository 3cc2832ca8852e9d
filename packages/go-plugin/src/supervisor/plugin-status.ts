import type { PluginFailure } from './plugin-failure.ts';
import type { SupervisorState } from './supervisor-state.ts';
import type { SwapStatus } from './swap-result.ts';

/** What an operator asks about a supervised plugin: a snapshot. */
export interface PluginStatus {
  readonly name: string;
  readonly state: SupervisorState;
  /** Of the process that serves calls. */
  readonly pid?: number;
  readonly appVersion?: number;
  readonly protocol?: 'netrpc' | 'grpc';
  /** Whether its connection is secured by AutoMTLS. */
  readonly isMutualTls?: boolean;
  /** Milliseconds since 1970 at which that process became ready. */
  readonly readyAt?: number;
  /** Of what that process was started from, hexadecimal. */
  readonly sha256?: string;
  readonly callsInFlight: number;
  /** Starts attempted since `start()`, the first included. */
  readonly starts: number;
  /** Calls that missed their deadline since `start()`. */
  readonly missedDeadlines: number;
  /** Milliseconds since 1970 of the next start, when one waits. */
  readonly nextStartAt?: number;
  readonly lastFailure?: PluginFailure;
  readonly swaps: SwapStatus;
}
