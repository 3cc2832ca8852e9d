/**
 * Everything that comes out of a plugin's process: the first line of stdout is its handshake, all later
 * lines and all of stderr become events. Both pipes are read as long as they are open, whatever comes,
 * because a plugin with a full pipe stands still; only not faster than anybody can make use of, so that a
 * plugin that writes without end slows down itself and nobody else.
 */
import type { Readable } from 'node:stream';
import type { Clock } from '../clock.ts';
import type { LinePiece } from '../hclog/line-splitter.ts';
import { LogReader } from '../hclog/log-reader.ts';
import { Pace } from '../pace.ts';
import { LastLines } from './last-lines.ts';
import { OutputChannel } from './output-channel.ts';
import type { PluginOutput } from './plugin-output.ts';
import { printChannel, stdioSinks } from './print-channel.ts';

/** Of one pipe; 16 times as much as is logged. */
const READ_PACE = { perSecond: 4 * 1024 * 1024, burst: 1024 * 1024 };

export interface ProcessOutputOptions {
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly clock: Clock;
  readonly onOutput: (output: PluginOutput) => void;
}

export class ProcessOutput {
  readonly #clock: Clock;
  readonly #onOutput: (output: PluginOutput) => void;
  readonly #streams: readonly Readable[];
  readonly #logReader = new LogReader();
  readonly #lastLines = new LastLines();
  readonly #firstLine = Promise.withResolvers<LinePiece | undefined>();
  readonly #drained: Promise<unknown>;
  #isFirstLine: boolean = true;

  constructor(options: ProcessOutputOptions) {
    this.#clock = options.clock;
    this.#onOutput = options.onOutput;
    this.#streams = [options.stdout, options.stderr];
    this.#drained = Promise.all([this.#drainStdout(options.stdout), this.#drainStderr(options.stderr)]);
  }

  /** The first line of stdout, or the first piece of an overlong one; undefined when stdout ended before it. */
  get firstLine(): Promise<LinePiece | undefined> {
    return this.#firstLine.promise;
  }

  get lastLines(): readonly string[] {
    return this.#lastLines.lines;
  }

  get panic(): string | undefined {
    return this.#logReader.panic;
  }

  /** Settles when both pipes have ended; never rejects. */
  get drained(): Promise<unknown> {
    return this.#drained;
  }

  /** Stops reading: for pipes some descendant of a dead plugin still holds open. */
  stop(): void {
    for (const stream of this.#streams) stream.destroy();
  }

  /** Readers for the stdio streams of the connection, which carry what the plugin's code prints. */
  stdioSinks(): { onStdout(bytes: Uint8Array): void; onStderr(bytes: Uint8Array): void } {
    return stdioSinks({ clock: this.#clock, onOutput: this.#onOutput });
  }

  async #drainStdout(stream: Readable): Promise<void> {
    const listener = { clock: this.#clock, onOutput: this.#onOutput };
    const prints = printChannel('stdout', listener, (piece) => this.#takeFirstLine(piece));
    await this.#drain(stream, prints);
    this.#firstLine.resolve(undefined);
  }

  #drainStderr(stream: Readable): Promise<void> {
    const channel = new OutputChannel({
      clock: this.#clock,
      onPiece: (piece) => this.#log(piece),
      onDropped: (bytes) => this.#onOutput({ kind: 'dropped', stream: 'stderr', bytes }),
    });
    return this.#drain(stream, channel);
  }

  #takeFirstLine(piece: LinePiece): boolean {
    if (!this.#isFirstLine) return false;
    this.#isFirstLine = false;
    this.#firstLine.resolve({ ...piece, bytes: piece.bytes.slice() });
    return true;
  }

  #log(piece: LinePiece): void {
    const record = this.#logReader.read(piece);
    if (record === undefined) return;
    this.#lastLines.add(record.message);
    this.#onOutput({ kind: 'log', record });
  }

  /** Feeds a stream to a channel until it ends, fails or is destroyed; never rejects. */
  #drain(stream: Readable, channel: OutputChannel): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const pace = new Pace(READ_PACE);
    stream.on('data', (chunk: Uint8Array) => {
      channel.push(chunk);
      const waitMs = pace.spend(chunk.length, this.#clock.now());
      if (waitMs === 0) return;
      stream.pause();
      this.#clock.schedule(waitMs, () => stream.resume());
    });
    // A pipe fails only with its process; 'close' follows every end.
    stream.on('error', () => undefined);
    stream.once('close', () => {
      channel.end();
      resolve();
    });
    return promise;
  }
}
