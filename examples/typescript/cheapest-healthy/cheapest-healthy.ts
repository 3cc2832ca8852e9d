#!/usr/bin/env node
import { type DownstreamView, isHealthy, serveSelector } from '@smtp-router/selector';

/** What has no price comes after what has one. */
const price = ({ cost, hasCost }: DownstreamView): number => (hasCost ? cost : Number.MAX_VALUE);

await serveSelector({
  name: 'cheapest healthy',
  select({ downstreams }) {
    return downstreams.toSorted((a, b) => Number(isHealthy(b)) - Number(isHealthy(a)) || price(a) - price(b));
  },
});
