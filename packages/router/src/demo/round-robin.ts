/**
 * The plugin of the demo where examples/typescript is not at hand: the downstreams in turn, the next one
 * in front. A process of its own; started by path, imported by nobody.
 */
import { serveSelector } from '@smtp-router/selector';

let turn = 0;

await serveSelector({
  select({ downstreams, dryRun }) {
    const first = turn % downstreams.length;
    if (!dryRun) turn = first + 1;
    return [...downstreams.slice(first), ...downstreams.slice(0, first)];
  },
});
