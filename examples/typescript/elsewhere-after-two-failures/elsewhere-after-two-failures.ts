#!/usr/bin/env node
import { type DownstreamView, serveSelector } from '@smtp-router/selector';

await serveSelector({
  name: 'elsewhere after two failures',
  select({ downstreams, history }) {
    const failed = history.filter(({ kind }) => kind !== 'delivered').map(({ downstreamId }) => downstreamId);
    const isSpent = ({ id }: DownstreamView): boolean => failed.filter((other) => other === id).length >= 2;
    return downstreams.toSorted((a, b) => Number(isSpent(a)) - Number(isSpent(b)));
  },
});
