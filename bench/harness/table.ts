/** Markdown tables of one cell. */
import type { Cell, IdleCell } from './cells.ts';
import type { Measurement } from './measure.ts';
import type { IdleMeasurement } from './measure-idle.ts';
import { type Passes, type Row, type Spread, spreadInside, spreadOf } from './ratios.ts';
import type { CellResult } from './results.ts';

const ROUTER = 'smtp-router';
const CEILING = 'direct';
const BYTES_ONLY = 'haproxy';

/** The table that fits the kind of cell. */
export function cellTable(cell: Cell, result: CellResult): string {
  if (cell.kind === 'idle') return idleTable(cell, result.idlePasses);
  return cell.kind === 'latency' ? latencyTable(result.passes) : loadTable(result.passes);
}

/** A row of cells. */
export type Line = readonly string[];

/** Markdown of head and rows. */
export function markdown(head: Line, rows: readonly Line[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** Router and plugin together. */
export function totalCpu(row: Measurement): number {
  return row.cpuPer1000 + row.pluginCpuPer1000;
}

function loadTable(passes: Passes<Measurement>): string {
  const head = [
    ...['peer', 'msg/s', 'CPU s/1000', 'plugin s/1000', 'p50 ms', 'p99 ms', 'peak MiB', 'idle %'],
    ...['msg/s ÷ haproxy', 'CPU ÷ haproxy', 'CPU with plugin ÷ haproxy', 'router’s msg/s ÷ its', 'notes'],
  ];
  const rows = peersOf(passes).map((peer) => {
    const own = (pick: (row: Measurement) => number): Spread => spreadOf(passes, peer, pick);
    const ratio = (a: string, b: string, pick: (row: Measurement) => number): string =>
      range(spreadInside(passes, a, b, (row, against) => pick(row) / pick(against)));
    return [
      peer,
      ...commonFigures(own),
      ratio(peer, BYTES_ONLY, (row) => row.perSecond),
      peer === CEILING ? '–' : ratio(peer, BYTES_ONLY, (row) => row.cpuPer1000),
      peer === CEILING ? '–' : ratio(peer, BYTES_ONLY, totalCpu),
      ratio(ROUTER, peer, (row) => row.perSecond),
      notes(passes, peer),
    ];
  });
  return markdown(head, rows);
}

function commonFigures(own: (pick: (row: Measurement) => number) => Spread): Line {
  return [
    fixed(own((row) => row.perSecond).median, 0),
    fixed(own((row) => row.cpuPer1000).median, 3),
    fixed(own((row) => row.pluginCpuPer1000).median, 3),
    fixed(own((row) => row.p50Ms).median, 2),
    fixed(own((row) => row.p99Ms).median, 2),
    fixed(own((row) => row.peakRssMiB).median, 0),
    fixed(own((row) => row.idleShare * 100).median, 0),
  ];
}

function latencyTable(passes: Passes<Measurement>): string {
  const head = ['peer', 'msg/s', 'p50 ms', 'p99 ms', 'added p50 ms', 'added p99 ms', 'idle %', 'notes'];
  const rows = peersOf(passes).map((peer) => {
    const own = (pick: (row: Measurement) => number, digits: number): string =>
      fixed(spreadOf(passes, peer, pick).median, digits);
    const added = (pick: (row: Measurement) => number): string =>
      peer === CEILING
        ? '–'
        : range(spreadInside(passes, peer, CEILING, (row, ceiling) => pick(row) - pick(ceiling)));
    return [
      peer,
      own((row) => row.perSecond, 0),
      own((row) => row.p50Ms, 2),
      own((row) => row.p99Ms, 2),
      added((row) => row.p50Ms),
      added((row) => row.p99Ms),
      own((row) => row.idleShare * 100, 0),
      notes(passes, peer),
    ];
  });
  return markdown(head, rows);
}

function idleTable(cell: IdleCell, passes: Passes<IdleMeasurement>): string {
  const steps = cell.steps.map((count) => `KiB each, ${count} held`);
  const head = ['peer', 'MiB before', ...steps, 'CPU while idle, % of a core'];
  const rows = peersOf(passes).map((peer) => [
    peer,
    fixed(spreadOf(passes, peer, (row) => row.baseRssMiB).median, 0),
    ...cell.steps.map((_, step) =>
      range(spreadOf(passes, peer, (row) => row.kibPerConnection[step] ?? Number.NaN)),
    ),
    fixed(spreadOf(passes, peer, (row) => row.cpuShare * 100).median, 1),
  ]);
  return markdown(head, rows);
}

function peersOf(passes: Passes<Row>): readonly string[] {
  return [...new Set(passes.flat().map((row) => row.peer))];
}

function notes(passes: Passes<Measurement>, peer: string): string {
  const own = passes.flat().filter((row) => row.peer === peer);
  const sum = (pick: (row: Measurement) => number): number => own.reduce((all, row) => all + pick(row), 0);
  const stalls = own.filter((row) => row.isStalled).length;
  const [failed, lost] = [sum((row) => row.failed), sum((row) => row.lost)];
  return [
    ...(stalls > 0 ? [`STALL in ${stalls} of ${own.length}`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(lost > 0 ? [`${lost} lost`] : []),
  ].join(', ');
}

/** `median (min–max)`, or the median alone when there was one pass. */
export function range(spread: Spread): string {
  const middle = fixed(spread.median, 2);
  return spread.count < 2 ? middle : `${middle} (${fixed(spread.min, 2)}–${fixed(spread.max, 2)})`;
}

function fixed(value: number, digits: number): string {
  return Number.isFinite(value) ? value.toFixed(digits) : '–';
}
