import type { Clock } from '../clock.ts';
import type { LinePiece } from '../hclog/line-splitter.ts';
import { OutputChannel } from './output-channel.ts';
import type { PluginOutput } from './plugin-output.ts';

/** Who is told of lines, and by which clock their rate is kept. */
export interface PrintListener {
  readonly clock: Clock;
  readonly onOutput: (output: PluginOutput) => void;
}

/** A channel of printed lines; `intercept` may keep a piece to itself by answering true. */
export function printChannel(
  stream: 'stdout' | 'stderr',
  { clock, onOutput }: PrintListener,
  intercept?: (piece: LinePiece) => boolean,
): OutputChannel {
  const decoder = new TextDecoder();
  return new OutputChannel({
    clock,
    onPiece: (piece) => {
      if (intercept?.(piece) === true) return;
      onOutput({ kind: 'print', stream, text: decoder.decode(piece.bytes) });
    },
    onDropped: (bytes) => onOutput({ kind: 'dropped', stream, bytes }),
  });
}

/** Readers for the stdio streams of a connection, which carry what the plugin's code prints. */
export function stdioSinks(listener: PrintListener): {
  onStdout(bytes: Uint8Array): void;
  onStderr(bytes: Uint8Array): void;
} {
  const stdout = printChannel('stdout', listener);
  const stderr = printChannel('stderr', listener);
  return { onStdout: (bytes) => stdout.push(bytes), onStderr: (bytes) => stderr.push(bytes) };
}
