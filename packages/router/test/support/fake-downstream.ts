/** A downstream that answers attempts from a list and remembers what it was asked. */
import type { DownstreamState, DownstreamView } from '@smtp-router/selector/contract';
import type {
  AttemptEnd,
  AttemptReport,
  AttemptRequest,
  FailedEnd,
} from '../../src/downstream/attempt-report.ts';
import type { Downstream } from '../../src/downstream/downstream.ts';
import type { HealthVerdict } from '../../src/downstream/health-watch.ts';
import type { Message } from '../../src/message/message.ts';

/** What a fake says to one attempt; replies to RCPT default to 250 for all when the end is at the dot. */
export interface FakeAnswer {
  readonly end: AttemptEnd;
  readonly recipientCodes?: readonly (number | undefined)[];
}

export const TAKEN: FakeAnswer = {
  end: { kind: 'replied', phase: 'dot', reply: { code: 250, lines: ['queued'] } },
};

export function refused(phase: 'mail' | 'data' | 'dot', code: number, text = 'no'): FakeAnswer {
  return { end: { kind: 'replied', phase, reply: { code, lines: [text] } } };
}

/** Content held back after these replies to RCPT. */
export function withheld(...recipientCodes: readonly number[]): FakeAnswer {
  return { end: { kind: 'withheld', phase: 'rcpt' }, recipientCodes };
}

export function broken(
  phase: 'connect' | 'mail' | 'data' | 'dot',
  code = 'ROUTER_CONNECTION_LOST',
): FakeAnswer {
  return { end: { kind: 'failed', phase, code, message: `broken in ${phase}` } };
}

export class FakeDownstream implements Downstream {
  readonly name: string;
  maxRecipients = Number.POSITIVE_INFINITY;
  /** What `objection` answers. */
  objects: FailedEnd | undefined;
  readonly requests: AttemptRequest[] = [];
  readonly #answers: FakeAnswer[];
  /** Called when an attempt begins, e.g. to let time pass. */
  onAttempt: () => void = () => {};

  /** Without a further answer it takes everything. */
  constructor(name: string, ...answers: readonly FakeAnswer[]) {
    this.name = name;
    this.#answers = [...answers];
  }

  readonly verdicts: HealthVerdict[] = [];
  /** What `view` shows. */
  state: DownstreamState = 'up';

  judged(verdict: HealthVerdict): void {
    this.verdicts.push(verdict);
  }

  view(): DownstreamView {
    return {
      id: this.name,
      addr: `${this.name}.example:25`,
      user: 'login',
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
      state: this.state,
      latencyMs: 0,
      hasLatency: false,
      inFlight: 0,
    };
  }

  objection(): FailedEnd | undefined {
    return this.objects;
  }

  obstacle(): FailedEnd | undefined {
    return this.objects;
  }

  /** What `outgoing` answers. */
  rewrite: (message: Message) => Message = (message) => message;

  outgoing(message: Message): Message {
    return this.rewrite(message);
  }

  async attempt(request: AttemptRequest): Promise<AttemptReport> {
    this.requests.push(request);
    this.onAttempt();
    const { end, recipientCodes } = this.#answers.shift() ?? TAKEN;
    const isEnvelopeDone = end.phase === 'dot' || end.phase === 'data';
    const codes = recipientCodes ?? request.recipients.map(() => (isEnvelopeDone ? 250 : undefined));
    return {
      startedAt: this.requests.length,
      durationMs: 1,
      recipientReplies: codes.map((code) =>
        code === undefined ? undefined : { code, lines: [`answer ${code}`] },
      ),
      end,
    };
  }

  async close(): Promise<void> {}

  destroy(): void {}
}
