/** Steps of a check, in the order they are taken; a plugin of generation 1 has no `describe` and `configure`. */
export type CheckStepName =
  | 'file'
  | 'start'
  | 'handshake'
  | 'version'
  | 'transport'
  | 'tls'
  | 'connect'
  | 'dispense'
  | 'describe'
  | 'configure'
  | 'select'
  | 'ping'
  | 'load'
  | 'end';

/** How one step of a check went. */
export interface CheckStep {
  readonly name: CheckStepName;
  readonly isOk: boolean;
  /** Of this step; of `handshake`, from the start of the process to the open connection. */
  readonly durationMs: number;
  /** What was found, or what went wrong, on one line. */
  readonly detail: string;
  /** Why it failed, by the error catalogues. */
  readonly code?: string;
}

/** A load a plugin was put under. */
export interface LoadReport {
  /** Calls under way at a time. */
  readonly inFlight: number;
  readonly calls: number;
  readonly failed: number;
  readonly callsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}
