#!/usr/bin/env node
import { serveSelector } from '@smtp-router/selector';

let turn = 0;

await serveSelector({
  select({ downstreams }) {
    const first = turn++ % downstreams.length;
    return [...downstreams.slice(first), ...downstreams.slice(0, first)];
  },
});
