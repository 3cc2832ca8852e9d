/** Tables of the bench of selections: medians over passes, and what AutoMTLS adds inside of each pass. */
import { type Passes, type Spread, spreadInside, spreadOf } from '../harness/ratios.ts';
import { markdown, range } from '../harness/table.ts';
import { SUBJECTS, subjectName, WAY_NAMES } from './subject.ts';

/** One subject under one shape of load, in one pass. */
export interface Figures {
  /** Of the subject. */
  readonly peer: string;
  /** Of the shape, such as `5 000/s`. */
  readonly load: string;
  readonly perSecond: number;
  readonly failed: number;
  /** CPU microseconds for each call: of the host without the harness, and of the plugin. */
  readonly hostUs: number;
  readonly pluginUs: number;
  readonly p50Us: number;
  readonly p99Us: number;
}

/** Least figures that the promises are about. */
const GOALS_US: Readonly<Record<string, number>> = { 'net/rpc v1': 15, 'net/rpc v2': 15, 'gRPC v2': 70 };

/** Greatest share that AutoMTLS may add. */
const GOAL_TLS_RATIO = 1.1;

/** What the page and the terminal show. @param goalLoad the shape the goals are about */
export function selectionReport(passes: Passes<Figures>, goalLoad: string): string {
  const loads = [...new Set(passes.flat().map(({ load }) => load))];
  return [goalsOf(passes, goalLoad), ...loads.map((load) => loadTable(passes, load))].join('\n\n');
}

function goalsOf(passes: Passes<Figures>, goalLoad: string): string {
  const at = only(passes, goalLoad);
  const rows = WAY_NAMES.map((way) => {
    const cost = spreadOf(at, subjectName(way, false), ({ hostUs }) => hostUs);
    const added = ratioOf(at, way);
    const goal = GOALS_US[way] ?? Number.NaN;
    return [
      way,
      `${cost.median.toFixed(1)} µs`,
      `≤ ${goal} µs: ${verdict(cost.median <= goal)}`,
      range(added),
      `≤ ${GOAL_TLS_RATIO}: ${verdict(added.median <= GOAL_TLS_RATIO)}`,
    ];
  });
  return markdown([`at ${goalLoad}`, 'host CPU, clear', 'goal', 'AutoMTLS ÷ clear', 'goal'], rows);
}

function loadTable(passes: Passes<Figures>, load: string): string {
  const at = only(passes, load);
  const rows = SUBJECTS.map(({ name }) => {
    const median = (pick: (row: Figures) => number, digits = 0): string =>
      spreadOf(at, name, pick).median.toFixed(digits);
    const failed = at.flat().reduce((sum, row) => sum + (row.peer === name ? row.failed : 0), 0);
    return [
      name,
      median((row) => row.perSecond),
      range(spreadOf(at, name, (row) => row.hostUs)),
      median((row) => row.pluginUs),
      median((row) => row.p50Us),
      median((row) => row.p99Us),
      String(failed),
    ];
  });
  const head = [load, 'calls/s', 'host µs/call', 'plugin µs/call', 'p50 µs', 'p99 µs', 'failed'];
  return markdown(head, rows);
}

function ratioOf(passes: Passes<Figures>, way: string): Spread {
  return spreadInside(
    passes,
    subjectName(way, true),
    subjectName(way, false),
    (secured, clear) => secured.hostUs / clear.hostUs,
  );
}

function only(passes: Passes<Figures>, load: string): Passes<Figures> {
  return passes.map((pass) => pass.filter((row) => row.load === load));
}

function verdict(isMet: boolean): string {
  return isMet ? 'met' : 'missed';
}
