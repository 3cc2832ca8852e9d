#!/usr/bin/env node
import { type ConfigureProblem, serveSelector } from '@smtp-router/selector';

/** Ids of downstreams by domain. */
const idsByDomain = new Map<string, readonly string[]>();

await serveSelector({
  name: 'by recipient domain',

  /** Takes `{ domains: { example.org: [ses, own] } }`. */
  configure(config) {
    const problems: ConfigureProblem[] = [];
    for (const [domain, ids] of Object.entries<unknown>(Object(config).domains ?? {})) {
      if (Array.isArray(ids) && ids.length > 0) idsByDomain.set(domain, ids.map(String));
      else problems.push({ path: `domains[${JSON.stringify(domain)}]`, message: 'names no downstream' });
    }
    return problems;
  },

  select({ envelope, downstreams }) {
    const all = downstreams.map(({ id }) => id);
    if (envelope.recipients.length === 0) return all;
    const byCandidates = Map.groupBy(envelope.recipients, ({ domain }) => idsByDomain.get(domain) ?? all);
    const routes = [...byCandidates].map(([candidateIds, recipients]) => ({
      recipientIds: recipients.map(({ id }) => id),
      candidateIds,
    }));
    return { kind: 'route', routes, reason: 'by recipient domain' };
  },
});
