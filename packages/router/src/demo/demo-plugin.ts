/**
 * Where the plugin of the demo stands. In the repository it is the example people are shown, ready to be
 * changed; in the installed package, which has no examples, the compiled `round-robin.js` beside this
 * file, which does the same.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Absolute path of a round robin plugin that the router's own Node can run. */
export function demoPluginPath(): string {
  const places = [
    '../../../../examples/typescript/round-robin/round-robin.ts',
    './round-robin.js',
    './round-robin.ts',
  ].map((place) => fileURLToPath(new URL(place, import.meta.url)));
  return places.find((place) => existsSync(place)) ?? places.join(' or ');
}
