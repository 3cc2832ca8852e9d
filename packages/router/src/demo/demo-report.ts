/** Tells of each message which downstream took it and why. */
import type { RouterConfig } from '../config/router-config.ts';
import type { RouterDeps } from '../router.ts';

type RouterSink = NonNullable<RouterDeps['sinks']>[number];
type RouterEvent = Parameters<RouterSink['emit']>[0];
type MessageEnded = Extract<RouterEvent, { readonly kind: 'message-ended' }>;

export interface DemoReportOptions {
  readonly config: RouterConfig;
  readonly print: (line: string) => void;
}

/** A listener of events that writes one line for each message. */
export class DemoReport implements RouterSink {
  readonly #options: DemoReportOptions;
  #messages = 0;

  constructor(options: DemoReportOptions) {
    this.#options = options;
  }

  emit(event: RouterEvent): void {
    if (event.kind !== 'message-ended') return;
    this.#messages += 1;
    const number = String(this.#messages).padStart(2);
    this.#options.print(
      `mail ${number} → ${this.#taker(event)}, ${Math.round(event.durationMs)} ms: ${reason(event)}`,
    );
  }

  #taker(event: MessageEnded): string {
    const taker = event.attempts.at(-1);
    if (event.result !== 'relayed' || taker === undefined)
      return `nobody (${event.replyCode} ${event.replyText})`;
    const addr = this.#options.config.downstreams.get(taker.downstreamId)?.addr;
    return `${taker.downstreamId} (${addr ?? 'unknown'})`;
  }
}

function reason({ selection }: MessageEnded): string {
  if (selection === undefined) return 'no selector was asked';
  const order = selection.routes.map((route) => route.join(', then ')).join(' | ');
  return `${selection.reason}${order === '' ? '' : `: ${order}`}`;
}
