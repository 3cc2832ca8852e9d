/** The goals of docs/performance.md, judged by the same data as its tables. */
import type { Measurement } from './measure.ts';
import { type Spread, spreadInside, spreadOf } from './ratios.ts';
import type { CellResult } from './results.ts';
import { markdown, range, totalCpu } from './table.ts';

/** A goal: a figure of one cell and its bound. The median decides. */
export interface Goal {
  readonly cell: string;
  readonly text: string;
  readonly bound: number;
  /** Whether the figure must not be below or not be above the bound. */
  readonly sense: 'at least' | 'at most';
  readonly figure: (result: CellResult) => Spread;
}

const ROUTER = 'smtp-router';
const HAPROXY = 'haproxy';
const NAIVE = 'smtp-server+nodemailer';

type Pick = (row: Measurement) => number;
const speed: Pick = (row) => row.perSecond;
const routerCpu: Pick = (row) => row.cpuPer1000;

/** Every goal, in the order of the page. */
export const GOALS: readonly Goal[] = [
  atMost(1.5, 'main', 'CPU of the router ÷ HAProxy’s', against(HAPROXY, routerCpu)),
  atMost(2.2, 'main', 'CPU of router and plugin ÷ HAProxy’s', against(HAPROXY, totalCpu)),
  atLeast(0.8, 'main', 'messages/s ÷ HAProxy’s', against(HAPROXY, speed)),
  atLeast(2, 'main', 'messages/s ÷ smtp-server + nodemailer’s', against(NAIVE, speed)),
  atLeast(10, 'main', 'messages/s ÷ Haraka’s', against('haraka', speed)),
  atLeast(8, 'main', 'messages/s ÷ Postfix’s, end to end', against('postfix', speed)),
  atMost(0.5, 'main', 'CPU of router and plugin ÷ smtp-server + nodemailer’s', against(NAIVE, totalCpu)),
  atMost(0.16, 'main', 'CPU of router and plugin, s/1000', own(totalCpu)),
  atMost(1.2, 'one', 'CPU of the router ÷ HAProxy’s', against(HAPROXY, routerCpu)),
  atMost(0.4, 'one', 'CPU of router and plugin, s/1000', own(totalCpu)),
  atMost(2.5, '1MiB', 'CPU of the router ÷ HAProxy’s', against(HAPROXY, routerCpu)),
  atMost(1.5, '1MiB', 'CPU of router and plugin, s/1000', own(totalCpu)),
  atMost(
    250,
    '100-sessions',
    'peak memory, MiB',
    own((row) => row.peakRssMiB),
  ),
  atMost(
    0.5,
    'latency',
    'p50 added to direct, ms',
    added((row) => row.p50Ms),
  ),
  atMost(
    2,
    'latency',
    'p99 added to direct, ms',
    added((row) => row.p99Ms),
  ),
  atMost(10, 'idle', 'memory of an idle connection, KiB', (result) =>
    spreadOf(result.idlePasses, ROUTER, (row) => row.kibPerConnection.at(-1) ?? Number.NaN),
  ),
];

/** The table of goals; a goal without data says so. */
export function goalsTable(results: readonly CellResult[]): string {
  const rows = GOALS.map((goal) => {
    const result = results.find((candidate) => candidate.cell === goal.cell);
    const figure = result === undefined ? undefined : goal.figure(result);
    const bound = `${goal.sense === 'at least' ? '≥' : '≤'} ${goal.bound}`;
    if (figure === undefined || figure.count === 0) {
      return [goal.cell, goal.text, bound, 'not measured', '0', '–'];
    }
    return [
      goal.cell,
      goal.text,
      bound,
      range(figure),
      `${figure.count}`,
      isMet(goal, figure) ? 'yes' : 'no',
    ];
  });
  return markdown(['cell', 'goal', 'bound', 'measured', 'passes', 'holds'], [...rows, stallRow(results)]);
}

function isMet({ sense, bound }: Goal, { median }: Spread): boolean {
  return sense === 'at least' ? median >= bound : median <= bound;
}

/** A stall holds back one cell: most of its passes must show it. */
function stallRow(results: readonly CellResult[]): readonly string[] {
  const measured = results.filter((result) => result.passes.length > 0);
  const stalled = measured.filter(({ passes }) => {
    const own = passes.flat().filter((row) => row.peer === ROUTER);
    return own.filter((row) => row.isStalled).length * 2 > own.length;
  });
  const names = stalled.map((result) => result.cell).join(', ');
  const passes = measured.reduce((sum, result) => sum + result.passes.length, 0);
  return [
    `${measured.length} cells`,
    'cells with an idle machine and p50 > 5 ms',
    '0',
    measured.length === 0 ? 'not measured' : `${stalled.length}${names === '' ? '' : ` (${names})`}`,
    `${passes}`,
    measured.length === 0 ? '–' : stalled.length === 0 ? 'yes' : 'no',
  ];
}

function atMost(bound: number, cell: string, text: string, figure: Goal['figure']): Goal {
  return { sense: 'at most', bound, cell, text, figure };
}

function atLeast(bound: number, cell: string, text: string, figure: Goal['figure']): Goal {
  return { sense: 'at least', bound, cell, text, figure };
}

function own(pick: Pick): Goal['figure'] {
  return ({ passes }) => spreadOf(passes, ROUTER, pick);
}

function against(peer: string, pick: Pick): Goal['figure'] {
  return ({ passes }) => spreadInside(passes, ROUTER, peer, (row, other) => pick(row) / pick(other));
}

function added(pick: Pick): Goal['figure'] {
  return ({ passes }) => spreadInside(passes, ROUTER, 'direct', (row, other) => pick(row) - pick(other));
}
