/** How clients and peer talk in a cell. */
export interface Setup {
  /** Messages per connection. */
  readonly mode: 'many' | 'one';
  /** TLS between generator and peer; peers and sinks always talk in clear. */
  readonly tls: 'off' | 'starttls' | 'implicit';
}

/** One kind of load. */
export interface Load extends Setup {
  readonly sizeBytes: number;
  readonly sessions: number;
  /** Messages per second; 0 = closed loop. */
  readonly rate: number;
}

/** Cell under load: throughput, CPU and latency. */
export interface LoadCell {
  readonly kind: 'load' | 'latency';
  readonly name: string;
  /** What is measured, as a heading. */
  readonly title: string;
  readonly load: Load;
}

/** Cell without load: what connections cost that do nothing. */
export interface IdleCell {
  readonly kind: 'idle';
  readonly name: string;
  readonly title: string;
  /** How many connections are held, step by step. */
  readonly steps: readonly number[];
  readonly setup: Setup;
}

/** A table: one kind of load, measured for every peer in turn. */
export type Cell = LoadCell | IdleCell;

const BASE: Load = { sizeBytes: 10_240, sessions: 20, mode: 'many', rate: 0, tls: 'off' };

/** Every cell in the order of the page; `npm run bench -- --cells main,one` picks some. */
export const CELLS: readonly Cell[] = [
  cell('main', '10 KiB, 20 sessions, kept connections', {}),
  cell('one', '10 KiB, 20 sessions, one message per connection', { mode: 'one' }),
  cell('1KiB', '1 KiB, 20 sessions, kept connections', { sizeBytes: 1_024 }),
  cell('100KiB', '100 KiB, 20 sessions, kept connections', { sizeBytes: 102_400 }),
  cell('1MiB', '1 MiB, 20 sessions, kept connections', { sizeBytes: 1_048_576 }),
  cell('single', '10 KiB, 1 session, kept connection', { sessions: 1 }),
  cell('100-sessions', '100 KiB, 100 sessions, kept connections', { sizeBytes: 102_400, sessions: 100 }),
  {
    ...cell('latency', '10 KiB, 300 messages/s in open loop, 20 kept connections', { rate: 300 }),
    kind: 'latency',
  },
  {
    kind: 'idle',
    name: 'idle',
    title: 'Idle connections, in clear',
    steps: [2_000, 5_000],
    setup: { mode: 'many', tls: 'off' },
  },
  {
    kind: 'idle',
    name: 'idle-tls',
    title: 'Idle connections, TLS',
    steps: [1_000, 2_000],
    setup: { mode: 'many', tls: 'implicit' },
  },
  cell('tls', '10 KiB, 20 sessions, kept connections, implicit TLS', { tls: 'implicit' }),
  cell('tls-one', '10 KiB, 20 sessions, one message per connection, implicit TLS', {
    tls: 'implicit',
    mode: 'one',
  }),
  cell('starttls', '10 KiB, 20 sessions, kept connections, STARTTLS', { tls: 'starttls' }),
];

function cell(name: string, title: string, change: Partial<Load>): LoadCell {
  return { kind: 'load', name, title, load: { ...BASE, ...change } };
}

/** How peers are set up for a cell. */
export function setupOf(wanted: Cell): Setup {
  return wanted.kind === 'idle' ? wanted.setup : wanted.load;
}
