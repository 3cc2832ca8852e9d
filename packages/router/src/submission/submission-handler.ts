import { systemClock } from '../clock.ts';
import type { MessageIntake } from '../delivery/message-intake.ts';
import type { EventSink } from '../events/event-sink.ts';
import { NetworkList } from '../listener/network-list.ts';
import type { SessionHandlerFactory } from '../listener/session-handler.ts';
import type { SubmissionOptions } from './submission-options.ts';
import { SubmissionSession } from './submission-session.ts';

/** The session handlers of one listener; complete messages go to `intake`. */
export function createSubmissionHandler(
  options: SubmissionOptions,
  intake: MessageIntake,
  events: EventSink,
): SessionHandlerFactory {
  const context = { options, intake, events, clock: options.clock ?? systemClock };
  const { anonymous } = options;
  const networks = new NetworkList(anonymous?.networks ?? []);
  return (connection) => {
    const isTrusted = anonymous !== undefined && networks.has(connection.clientAddress);
    return new SubmissionSession(context, connection, isTrusted ? anonymous.user : undefined);
  };
}
