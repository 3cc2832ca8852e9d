import type { Message } from '../message/message.ts';
import type { ExplainCall, RelayCall } from './relay-call.ts';
import type { RelayForecast } from './relay-forecast.ts';
import type { RelayResult } from './relay-result.ts';

/** Brings a message to downstreams: one selection, then the candidates of each route in order. */
export interface MessageRelay {
  /**
   * Never rejects for anything a selector or a downstream does: that is what the outcomes say. The
   * body is read, not released.
   */
  relay(message: Message, options: RelayCall): Promise<RelayResult>;
  /**
   * What `relay` would do now, by the same selection and the same plan, without asking a downstream and
   * without changing the state of a selector. Never rejects either.
   */
  explain(message: Message, options: ExplainCall): Promise<RelayForecast>;
}
