/** Who decided what, for logs, events and `explain`. */
export interface SelectionRecord {
  /** Strategy or plugin name as configured. */
  readonly selector: string;
  /** `selector` decided itself, or its `on_failure` did because of `faultCode`. */
  readonly decidedBy: 'selector' | 'fallback';
  readonly faultCode?: string;
  readonly reason: string;
  /** Candidate ids of each route, in order. */
  readonly routes: readonly (readonly string[])[];
  readonly durationMs: number;
}
