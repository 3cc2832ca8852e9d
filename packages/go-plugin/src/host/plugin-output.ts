import type { LogRecord } from '../hclog/log-record.ts';

/**
 * Something a plugin's process said. Text is what the plugin wrote: untrusted, at most 64 KiB, without
 * its line end; a longer line comes in pieces.
 */
export type PluginOutput =
  /** A line of the real stderr: hclog record, tagged text, or plain text at level debug. */
  | { readonly kind: 'log'; readonly record: LogRecord }
  /** A line the plugin's code printed: by the stdio streams, or on the real stdout after the handshake. */
  | { readonly kind: 'print'; readonly stream: 'stdout' | 'stderr'; readonly text: string }
  /** Output beyond the rate the host is willing to look at; it was read and thrown away. */
  | { readonly kind: 'dropped'; readonly stream: 'stdout' | 'stderr'; readonly bytes: number };
