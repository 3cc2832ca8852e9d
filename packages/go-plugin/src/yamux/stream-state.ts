/**
 * Life of one stream (hashicorp/yamux stream.go, streamState).
 *
 * Whoever opens a stream sends SYN and may send data at once; the other side answers ACK once. Each side
 * ends its own half with one FIN and may still receive; after both FINs the stream is forgotten. RST ends
 * it at once in both directions. What the table does not hold is illegal: by the peer it ends the whole
 * session, by ourselves it is refused.
 *
 * Two things do not fit the states. Whether an ACK is still owed or awaited: a FIN may overtake it, so it
 * is a fact of its own (`YamuxStream.owesAck`, the session's list of unacknowledged streams). And a
 * repeated ACK: it is harmless and ignored, as in Go.
 */

export type StreamState =
  | 'syn-sent'
  | 'syn-received'
  | 'established'
  /** We sent FIN. */
  | 'local-closed'
  /** The peer sent FIN. */
  | 'remote-closed'
  | 'closed'
  | 'reset';

export type StreamStep =
  | 'sendAck'
  | 'sendData'
  | 'sendFin'
  | 'sendRst'
  | 'receiveAck'
  | 'receiveData'
  | 'receiveFin'
  | 'receiveRst';

type Transitions = Readonly<Record<StreamState, Readonly<Partial<Record<StreamStep, StreamState>>>>>;

export const TRANSITIONS = {
  'syn-sent': {
    sendData: 'syn-sent',
    sendFin: 'local-closed',
    sendRst: 'reset',
    receiveAck: 'established',
    receiveData: 'syn-sent',
    receiveFin: 'remote-closed',
    receiveRst: 'reset',
  },
  'syn-received': {
    sendAck: 'established',
    sendRst: 'reset',
    receiveAck: 'syn-received',
    receiveData: 'syn-received',
    receiveFin: 'remote-closed',
    receiveRst: 'reset',
  },
  established: {
    sendData: 'established',
    sendFin: 'local-closed',
    sendRst: 'reset',
    receiveAck: 'established',
    receiveData: 'established',
    receiveFin: 'remote-closed',
    receiveRst: 'reset',
  },
  'local-closed': {
    sendRst: 'reset',
    receiveAck: 'local-closed',
    receiveData: 'local-closed',
    receiveFin: 'closed',
    receiveRst: 'reset',
  },
  'remote-closed': {
    sendAck: 'remote-closed',
    sendData: 'remote-closed',
    sendFin: 'closed',
    sendRst: 'reset',
    receiveAck: 'remote-closed',
    receiveRst: 'reset',
  },
  closed: {},
  reset: {},
} as const satisfies Transitions;

/** The state after `step`, or undefined when the step is illegal. */
export function nextStreamState(state: StreamState, step: StreamStep): StreamState | undefined {
  const steps: Transitions[StreamState] = TRANSITIONS[state];
  return steps[step];
}
