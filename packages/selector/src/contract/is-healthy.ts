import type { DownstreamView } from './select-request.ts';

/** True when nothing is known against the downstream; a host of generation 1 tells nothing. */
export function isHealthy({ state }: Pick<DownstreamView, 'state'>): boolean {
  return state === 'up' || state === 'unspecified';
}
