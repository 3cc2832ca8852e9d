#!/usr/bin/env node
/** The plugin: serves the strategy to smtp-router. */
import { serveSelector } from '@smtp-router/selector';
import { Strategy } from './strategy.ts';

const strategy = new Strategy();

await serveSelector({
  name: 'my-selector',
  version: '0.1.0',
  // Header fields that select() looks at, by name: ['X-Tag'].
  headers: [],
  configure: (config) => strategy.configure(config),
  select: (request) => strategy.select(request),
});
