/**
 * What the configuration of a downstream says about the messages it takes: told before anybody is asked,
 * so that a candidate whose refusal is known costs no connection and no blame.
 */
import type { Message } from '../message/message.ts';
import type { AttemptRequest, FailedEnd } from './attempt-report.ts';
import { type SenderRuleOptions, SenderRules } from './sender-rules.ts';

/** What decides whether a downstream is asked at all. */
export type Candidacy = Pick<AttemptRequest, 'message' | 'recipients' | 'isAllOrNothing'>;

/** The rules of one downstream. */
export interface OutboundRuleOptions extends SenderRuleOptions {
  /** Most recipients of one transaction; absent = no limit. */
  readonly maxRecipients?: number;
  /** Called when a message goes out with a DKIM signature that rewriting its From broke. */
  readonly onBrokenSignature?: (broken: BrokenSignature) => void;
}

/** Whose signature it was. */
export interface BrokenSignature {
  readonly messageId: string;
  /** As the signatures name them (d=): anybody's text. */
  readonly domains: readonly string[];
}

/** Carries the rules out. Made only for downstreams that have some. */
export class OutboundRules {
  readonly #label: string;
  readonly #options: OutboundRuleOptions;
  readonly #senders: SenderRules | undefined;

  private constructor(label: string, options: OutboundRuleOptions) {
    this.#label = label;
    this.#options = options;
    const { verifiedFrom, rewriteFrom, rewriteMailFrom } = options;
    const hasSenderRules = (verifiedFrom ?? rewriteFrom ?? rewriteMailFrom) !== undefined;
    this.#senders = hasSenderRules ? new SenderRules(options) : undefined;
  }

  /** Undefined when there is no rule. `label` names the downstream in messages. */
  static of(label: string, options: OutboundRuleOptions): OutboundRules | undefined {
    const { maxRecipients, verifiedFrom, rewriteFrom, rewriteMailFrom } = options;
    const rule = maxRecipients ?? verifiedFrom ?? rewriteFrom ?? rewriteMailFrom;
    return rule === undefined ? undefined : new OutboundRules(label, options);
  }

  /** Why the downstream need not be asked; undefined = it may take the message. */
  objection({ message, recipients, isAllOrNothing }: Candidacy): FailedEnd | undefined {
    const { maxRecipients = Number.POSITIVE_INFINITY } = this.#options;
    if (isAllOrNothing && recipients.length > maxRecipients) {
      const what = `was not asked: ${recipients.length} recipients are more than its max_recipients ${maxRecipients}`;
      return this.#end('ROUTER_TOO_MANY_RECIPIENTS', what);
    }
    const verdict = this.#senders?.apply(message);
    return verdict?.kind === 'unsendable' ? this.#end(verdict.code, verdict.what) : undefined;
  }

  /** The request with the message as it goes out; only for one without objection. */
  outbound(request: AttemptRequest): AttemptRequest {
    const verdict = this.#senders?.apply(request.message);
    if (verdict?.kind !== 'sendable' || verdict.message === request.message) return request;
    this.#report(request.message, verdict.brokenSignatures);
    return { ...request, message: verdict.message };
  }

  /** The message as it would go out; itself where nothing is rewritten or it may not go out. */
  foreseen(message: Message): Message {
    const verdict = this.#senders?.apply(message);
    return verdict?.kind === 'sendable' ? verdict.message : message;
  }

  #report({ id: messageId }: Message, domains: readonly string[]): void {
    if (domains.length > 0) this.#options.onBrokenSignature?.({ messageId, domains });
  }

  #end(code: string, what: string): FailedEnd {
    return { kind: 'failed', phase: 'mail', code, message: `Downstream ${this.#label} ${what}.` };
  }
}
