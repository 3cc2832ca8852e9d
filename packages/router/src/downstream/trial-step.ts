/** Steps of a trial, in the order they are taken; some are left out, `ehlo` comes again over TLS. */
export type TrialStepName =
  | 'dns'
  | 'connect'
  | 'greeting'
  | 'ehlo'
  | 'starttls'
  | 'tls'
  | 'auth'
  | 'mail'
  | 'rset';

/** How one step of a trial went. */
export interface TrialStep {
  readonly name: TrialStepName;
  readonly isOk: boolean;
  readonly durationMs: number;
  /** What was found, or what went wrong, on one line; holds no password. */
  readonly detail: string;
  /** Why it failed, by the error catalogues. Absent where it went well, and where a reply refused it. */
  readonly code?: string;
}

/** Ends a trial: the step under way failed. */
export interface TrialFailure {
  readonly code?: string;
  readonly detail: string;
}
