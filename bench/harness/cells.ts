import type { Load } from './load.ts';

/** A row of the table: one kind of load, measured for every peer in turn. */
export interface Cell {
  readonly name: string;
  readonly load: Load;
}

const BASE: Load = {
  sizeBytes: 10_240,
  sessions: 20,
  mode: 'many',
  rate: 0,
  warmupSeconds: 5,
  seconds: 6,
  tls: 'off',
};

/** Every cell by name; `npm run bench -- --cells main,one` picks some. */
export const CELLS: readonly Cell[] = [
  { name: 'main', load: BASE },
  { name: 'one', load: { ...BASE, mode: 'one' } },
  { name: '1KiB', load: { ...BASE, sizeBytes: 1_024 } },
  { name: '100KiB', load: { ...BASE, sizeBytes: 102_400 } },
  { name: '1MiB', load: { ...BASE, sizeBytes: 1_048_576 } },
  { name: 'single', load: { ...BASE, sessions: 1 } },
  { name: 'latency', load: { ...BASE, rate: 300 } },
];
