/** The question a new process of a plugin has to answer before mail depends on it. */
import { type DownstreamView, requestWith, type SelectRequest } from '@smtp-router/selector/contract';

export interface SampleFacts {
  /** User whose downstreams these are. */
  readonly user: string;
  readonly downstreams: readonly DownstreamView[];
  readonly timeoutMs: number;
  /** Unix milliseconds. */
  readonly now: number;
}

/** A dry run of a small message to one recipient; undefined when there is nobody to choose from. */
export function sampleRequest({ user, downstreams, timeoutMs, now }: SampleFacts): SelectRequest | undefined {
  if (downstreams.every(({ state }) => state === 'disabled')) return undefined;
  return requestWith({
    requestId: 'sample',
    dryRun: true,
    timeoutMs,
    now,
    session: { user },
    envelope: {
      mailFrom: 'sample@example.com',
      recipients: [{ id: 0, address: 'sample@example.net', domain: 'example.net' }],
    },
    message: { sizeBytes: 1024 },
    downstreams,
  });
}
