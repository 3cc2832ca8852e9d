#!/usr/bin/env node
import { isHealthy, serveSelector } from '@smtp-router/selector';

await serveSelector({
  name: 'lowest latency',
  select({ downstreams }) {
    // One that was never measured has 0 and comes first, so that it is measured.
    return downstreams.toSorted(
      (a, b) => Number(isHealthy(b)) - Number(isHealthy(a)) || a.latencyMs - b.latencyMs,
    );
  },
});
