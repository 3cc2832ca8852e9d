/** The end of a plugin's process in words. */
import { printable } from '../printable.ts';
import type { PluginExit } from './plugin-exit.ts';

/** How many lines a message shows; the record carries all that were kept. */
const SHOWN_LINES = 5;

/** How the process ended, as the predicate of a sentence. */
export function describeExit(exit: Pick<PluginExit, 'status' | 'signal'>): string {
  if (exit.signal !== null) return `was ended by ${exit.signal}`;
  return exit.status === null ? 'could not be ended' : `exited with status ${exit.status}`;
}

/** A sentence with the start of the panic or the last lines of stderr; undefined when there is neither. */
export function describeLastWords(exit: Pick<PluginExit, 'lastLines' | 'panic'>): string | undefined {
  const lines =
    exit.panic === undefined ? exit.lastLines.slice(-SHOWN_LINES) : exit.panic.split('\n', SHOWN_LINES);
  const shown = lines.filter((line) => line !== '').map((line) => `"${printable(line, 200)}"`);
  return shown.length === 0 ? undefined : `Its stderr: ${shown.join(' ')}.`;
}
