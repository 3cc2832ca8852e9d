/** Tells what the live path would do with a mail, without sending it. */
import type { SelectRequest } from '@smtp-router/selector/contract';
import type { SmtpReply } from '@smtp-router/smtp/grammar';
import type { DeliveryForecast, ExplainOptions } from '../delivery/delivery.ts';
import type { Message } from '../message/message.ts';
import type { ExplainRequest, ExplainResult } from './control-message.ts';
import { composeMessage, type HandInOptions } from './handed-in-message.ts';
import { toldReply } from './told-reply.ts';

export interface MailExplainerOptions extends HandInOptions {
  /** `delivery`: the same rooms that deliver. */
  explain(message: Message, options: ExplainOptions): Promise<DeliveryForecast>;
  /** What a client of that user would be refused with because of the senders of the message. */
  senderRefusal(message: Message): SmtpReply | undefined;
}

/** Explains mail for the commands of this machine. */
export class MailExplainer {
  readonly #options: MailExplainerOptions;

  constructor(options: MailExplainerOptions) {
    this.#options = options;
  }

  /** Rejects with `ROUTER_BAD_REQUEST` or `ROUTER_BAD_MESSAGE_FILE`. */
  async explain(request: ExplainRequest): Promise<ExplainResult> {
    const message = composeMessage(request, this.#options);
    try {
      const refusal = this.#options.senderRefusal(message);
      const forecast = await this.#options.explain(message, { isAskedAnyway: request.isAskedAnyway });
      return { ...told(forecast), ...(refusal && { refusal: toldReply(refusal) }) };
    } finally {
      message.body.release();
    }
  }
}

function told({ plan, routes, request, reply, result }: DeliveryForecast): ExplainResult {
  return {
    selection: plan.selection,
    ...(plan.verdict && { verdict: plan.verdict }),
    routes: routes.map(({ recipients, candidates }) => ({
      recipients: recipients.map(({ path }) => path.address),
      candidates,
    })),
    isAnyoneAsked: result === undefined,
    ...(reply && { reply: toldReply(reply) }),
    ...(request && { request: copyOf(request) }),
  };
}

/** Header fields are read from the body, which is about to be released. */
function copyOf(request: SelectRequest): SelectRequest {
  const { sizeBytes, messageId, subject, from, headers } = request.message;
  return { ...request, message: { sizeBytes, messageId, subject, from, headers } };
}
