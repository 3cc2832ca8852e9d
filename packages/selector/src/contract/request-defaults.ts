/**
 * Requests and views from the few facts at hand: generation 1 tells nothing but addresses and logins,
 * and a test wants to name only what matters to it.
 */
import type {
  DownstreamView,
  SelectEnvelope,
  SelectMessage,
  SelectRequest,
  SelectSession,
} from './select-request.ts';

/** What is known of a downstream; the rest is as of one never seen before. */
export type ViewOverrides = Partial<DownstreamView> & Pick<DownstreamView, 'id'>;

/** What is known of a request; the rest is empty. */
export type RequestOverrides = Partial<Omit<SelectRequest, 'session' | 'envelope' | 'message'>> & {
  readonly session?: Partial<SelectSession>;
  readonly envelope?: Partial<SelectEnvelope>;
  readonly message?: Partial<SelectMessage>;
};

/** Answers a complete view; `addr` is the id unless given, weight 1, state `unspecified`. */
export function viewWith(known: ViewOverrides): DownstreamView {
  return {
    addr: known.id,
    user: '',
    weight: 1,
    labels: {},
    cost: 0,
    hasCost: false,
    capabilities: {
      known: false,
      maxSizeBytes: 0,
      has8bitMime: false,
      hasSmtpUtf8: false,
      hasDsn: false,
      hasChunking: false,
    },
    state: 'unspecified',
    latencyMs: 0,
    hasLatency: false,
    inFlight: 0,
    ...known,
  };
}

/** Answers a complete request of generation 2, first attempt, without recipients or downstreams. */
export function requestWith(known: RequestOverrides): SelectRequest {
  return {
    contractVersion: 2,
    requestId: '',
    dryRun: false,
    timeoutMs: 0,
    attempt: 1,
    now: 0,
    seed: 0,
    downstreams: [],
    history: [],
    ...known,
    session: { listener: '', clientAddress: '', helo: '', isTls: false, user: '', ...known.session },
    envelope: { mailFrom: '', mailParameters: [], recipients: [], ...known.envelope },
    message: { sizeBytes: 0, messageId: '', subject: '', from: '', headers: [], ...known.message },
  };
}
