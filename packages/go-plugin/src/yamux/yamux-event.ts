import type { PluginError } from '../errors.ts';

/** What happened on a session, in order. */
export type YamuxEvent =
  /** The peer opened a stream: `accept` or `reset` it at once. */
  | { readonly kind: 'stream'; readonly streamId: number }
  /**
   * Data, as a view of the bytes given to `receive`. Its window is granted again by `consumed`, so
   * holding back that call holds back the peer.
   */
  | { readonly kind: 'data'; readonly streamId: number; readonly bytes: Uint8Array }
  /** The peer sends no more on this stream. */
  | { readonly kind: 'end'; readonly streamId: number }
  /** The stream is gone: the peer reset it, or never ended its half after we ended ours. */
  | { readonly kind: 'reset'; readonly streamId: number; readonly error: PluginError }
  /** All data given to `send` on this stream was passed on, after `send` had answered false. */
  | { readonly kind: 'drained'; readonly streamId: number }
  /** `open` had answered `backlog-full` and may now be tried again. */
  | { readonly kind: 'open-possible' }
  /** The peer accepts no more streams; those that are open go on. */
  | { readonly kind: 'go-away' }
  | { readonly kind: 'pong'; readonly roundTripMs: number }
  /** The last event: the session is over, and with it every stream. No error after `close`. */
  | { readonly kind: 'ended'; readonly error: PluginError | undefined };
