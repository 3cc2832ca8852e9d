import type { SelectReply } from './select-reply.ts';
import type { SelectRequest } from './select-request.ts';

/**
 * Decides which downstreams a message is offered to. Implemented by the built-in strategies and by
 * plugins alike. A selector that throws, or answers with ids it was not given, is at fault: the
 * caller then falls back as configured; it never fails the message for that.
 */
export interface Selector {
  select(request: SelectRequest): SelectReply | Promise<SelectReply>;
}
