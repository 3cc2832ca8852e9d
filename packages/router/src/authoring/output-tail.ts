import type { PluginOutput } from '@smtp-router/go-plugin/host';
import { outputText } from '../selection/plugin-output-text.ts';

/** Lines kept. */
const MAX_LINES = 20;

/** The last lines a plugin wrote, fit for a terminal. */
export class OutputTail {
  readonly #lines: string[] = [];

  /** Oldest first. */
  get lines(): readonly string[] {
    return this.#lines;
  }

  add(output: PluginOutput): void {
    this.#lines.push(outputText(output, []).message);
    if (this.#lines.length > MAX_LINES) this.#lines.shift();
  }
}
