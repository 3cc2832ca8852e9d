/** Where commands write: results to stdout, everything about the run to stderr, colour only for people. */
/** What is needed of a stream; those of the process fit. */
interface Output {
  readonly isTTY?: boolean;
  write(text: string): unknown;
  on(event: 'error', listener: () => void): unknown;
}

export interface TerminalOptions {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export type Colour = 'red' | 'yellow' | 'green' | 'dim' | 'bold';

const CODES: Readonly<Record<Colour, readonly [on: number, off: number]>> = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
};

/** The streams of one command. A reader that went away (EPIPE) is never an error. */
export class Terminal {
  readonly #stdout: Output;
  readonly #stderr: Output;
  readonly #isColoured: { readonly out: boolean; readonly error: boolean };

  constructor(options: TerminalOptions) {
    this.#stdout = options.stdout;
    this.#stderr = options.stderr;
    this.#isColoured = {
      out: isColoured(options.stdout, options.env),
      error: isColoured(options.stderr, options.env),
    };
    for (const stream of [options.stdout, options.stderr]) stream.on('error', () => {});
  }

  /** A line of the result. */
  out(line: string): void {
    this.#stdout.write(`${line}\n`);
  }

  /** A line about the run. */
  error(line: string): void {
    this.#stderr.write(`${line}\n`);
  }

  /** A question; what is typed stands behind it. */
  ask(text: string): void {
    this.#stderr.write(text);
  }

  /** Text for stdout, coloured when people look at it. */
  paint(colour: Colour, text: string): string {
    return this.#isColoured.out ? painted(colour, text) : text;
  }

  /** The same for stderr. */
  paintError(colour: Colour, text: string): string {
    return this.#isColoured.error ? painted(colour, text) : text;
  }
}

function painted(colour: Colour, text: string): string {
  const [on, off] = CODES[colour];
  return `\u001b[${on}m${text}\u001b[${off}m`;
}

/** https://no-color.org: any value but the empty one switches colour off. */
function isColoured(stream: Output, env: TerminalOptions['env']): boolean {
  return stream.isTTY === true && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb';
}
