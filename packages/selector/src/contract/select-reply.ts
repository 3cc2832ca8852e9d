/**
 * The answer of a selector: routes to try, or a verdict instead of a route.
 */

/** What a selector decided. Every id in it must come from the request. */
export type SelectReply = RouteReply | VerdictReply;

/** Try these routes. */
export interface RouteReply {
  readonly kind: 'route';
  /** At least one; together they cover every recipient exactly once. */
  readonly routes: readonly Route[];
  /** Shown in logs, `explain` and events; at most 500 characters are kept. */
  readonly reason: string;
}

/** An ordered list of candidates for some recipients. */
export interface Route {
  /** Recipients of this route; empty = all of the message. */
  readonly recipientIds: readonly number[];
  /** Downstream ids, the first is tried first. Never empty. */
  readonly candidateIds: readonly string[];
}

/** Do not route: answer the sender, or keep the message. */
export interface VerdictReply {
  readonly kind: 'defer' | 'reject' | 'hold';
  /** Reply code for the sender; 0 lets the router choose (451, 550). */
  readonly code: number;
  readonly text: string;
  readonly reason: string;
}
