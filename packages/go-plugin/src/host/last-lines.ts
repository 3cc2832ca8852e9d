/** The last lines a plugin wrote to stderr, kept for the report of its end. */
export class LastLines {
  readonly #maxLines: number;
  readonly #maxCharacters: number;
  /** Oldest first; never more than `maxLines`. */
  readonly #lines: string[] = [];

  constructor(options: { readonly maxLines?: number; readonly maxCharacters?: number } = {}) {
    this.#maxLines = options.maxLines ?? 20;
    this.#maxCharacters = options.maxCharacters ?? 2048;
  }

  add(line: string): void {
    this.#lines.push(line.slice(0, this.#maxCharacters));
    if (this.#lines.length > this.#maxLines) this.#lines.shift();
  }

  /** A copy, oldest first. */
  get lines(): readonly string[] {
    return [...this.#lines];
  }
}
