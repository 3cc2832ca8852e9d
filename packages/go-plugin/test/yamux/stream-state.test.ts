import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  nextStreamState,
  type StreamState,
  type StreamStep,
  TRANSITIONS,
} from '../../src/yamux/stream-state.ts';
import type { YamuxSession } from '../../src/yamux/yamux-session.ts';
import { ack, data, eventsOf, fin, output, receive, rst, session, syn } from './wire.ts';

/** Legal steps as the specification words them, apart from the table under test. */
const LEGAL: Readonly<Record<StreamState, readonly string[]>> = {
  'syn-sent': ['sendData', 'sendFin', 'sendRst', 'receiveAck', 'receiveData', 'receiveFin', 'receiveRst'],
  'syn-received': ['sendAck', 'sendRst', 'receiveAck', 'receiveData', 'receiveFin', 'receiveRst'],
  established: ['sendData', 'sendFin', 'sendRst', 'receiveAck', 'receiveData', 'receiveFin', 'receiveRst'],
  'local-closed': ['sendRst', 'receiveAck', 'receiveData', 'receiveFin', 'receiveRst'],
  'remote-closed': ['sendAck', 'sendData', 'sendFin', 'sendRst', 'receiveAck', 'receiveRst'],
  closed: [],
  reset: [],
};

const STATES = Object.keys(TRANSITIONS) as StreamState[];
const STEPS: readonly StreamStep[] = [
  'sendAck',
  'sendData',
  'sendFin',
  'sendRst',
  'receiveAck',
  'receiveData',
  'receiveFin',
  'receiveRst',
];

/** A host session whose stream 1, or 2 where the peer must have opened it, is in a state. */
const REACH: Readonly<Record<Exclude<StreamState, 'closed' | 'reset'>, (subject: YamuxSession) => number>> = {
  'syn-sent': (subject) => {
    subject.open(0);
    return 1;
  },
  'syn-received': (subject) => {
    receive(subject, syn(2));
    return 2;
  },
  established: (subject) => {
    subject.open(0);
    receive(subject, ack(1));
    return 1;
  },
  'local-closed': (subject) => {
    subject.open(0);
    receive(subject, ack(1));
    subject.finish(1, 0);
    return 1;
  },
  'remote-closed': (subject) => {
    subject.open(0);
    receive(subject, ack(1), fin(1));
    return 1;
  },
};

describe('stream states', () => {
  for (const state of STATES) {
    for (const step of STEPS) {
      const isLegal = LEGAL[state].includes(step);
      it(`${state}: ${step} is ${isLegal ? 'legal' : 'illegal'}`, () => {
        assert.equal(nextStreamState(state, step) !== undefined, isLegal);
      });
    }
  }

  it('ends in closed after both FINs, in whichever order', () => {
    for (const steps of [
      ['receiveAck', 'sendFin', 'receiveFin'],
      ['receiveAck', 'receiveFin', 'sendFin'],
      ['sendFin', 'receiveAck', 'receiveFin'],
    ] as const) {
      let state: StreamState | undefined = 'syn-sent';
      for (const step of steps) state = state && nextStreamState(state, step);
      assert.equal(state, 'closed');
    }
  });

  const frames = {
    receiveAck: ack,
    receiveData: (id: number) => data(id, 'x'),
    receiveFin: fin,
    receiveRst: rst,
  };
  for (const [state, reach] of Object.entries(REACH)) {
    for (const [step, frame] of Object.entries(frames)) {
      const isLegal = LEGAL[state as StreamState].includes(step);
      it(`in ${state} a session ${isLegal ? 'takes' : 'ends itself upon'} ${step}`, () => {
        const subject = session('host');
        const streamId = reach(subject);
        eventsOf(subject);
        output(subject);
        const events = receive(subject, frame(streamId));
        assert.equal(subject.isEnded, !isLegal);
        if (isLegal) return;
        assert.deepEqual(output(subject), ['go-away 1']);
        const [last] = events.slice(-1);
        assert.ok(last?.kind === 'ended');
        assert.equal(last.error?.code, 'YAMUX_ILLEGAL_TRANSITION');
      });
    }
  }
});
