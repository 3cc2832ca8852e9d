/**
 * Mail handed in over the control socket: it takes the same way as mail of clients from the end of data
 * on, and everything that happened to it is told.
 */
import type { MessageIntake } from '../delivery/message-intake.ts';
import type { EventHub } from '../events/event-hub.ts';
import type { MessageEnded } from '../events/router-event.ts';
import type { SendRequest, SendResult } from './control-message.ts';
import { composeMessage, type HandInOptions } from './handed-in-message.ts';
import { toldReply } from './told-reply.ts';

export interface MailSenderOptions extends HandInOptions {
  readonly intake: MessageIntake;
  readonly events: EventHub;
}

/** Sends mail for the commands of this machine. */
export class MailSender {
  readonly #options: MailSenderOptions;

  constructor(options: MailSenderOptions) {
    this.#options = options;
  }

  /** Settles with the final reply. Rejects with `ROUTER_BAD_REQUEST` or `ROUTER_BAD_MESSAGE_FILE` before anything is sent. */
  async send(request: SendRequest): Promise<SendResult> {
    const message = composeMessage(request, this.#options);
    let ended: MessageEnded | undefined;
    const unsubscribe = this.#options.events.subscribe({
      emit(event) {
        if (event.kind === 'message-ended' && event.messageId === message.id) ended = event;
      },
    });
    try {
      const reply = await this.#options.intake.accept(message);
      const { selection, attempts } = (ended ?? {}) as Partial<MessageEnded>;
      return {
        messageId: message.id,
        reply: toldReply(reply),
        ...(selection === undefined ? {} : { selection }),
        attempts: attempts ?? [],
      };
    } finally {
      unsubscribe();
      message.body.release();
    }
  }
}
