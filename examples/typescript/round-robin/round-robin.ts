#!/usr/bin/env node
import { serveSelector } from '@smtp-router/selector';

let turn = 0;

await serveSelector({
  select({ downstreams, dryRun }) {
    const first = turn % downstreams.length;
    if (!dryRun) turn += 1;
    return [...downstreams.slice(first), ...downstreams.slice(0, first)];
  },
});
