import type { Measurement } from './measure.ts';

/** Middle value; the mean of the two middle ones for an even count. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length / 2;
  const lower = sorted[Math.ceil(half) - 1] ?? Number.NaN;
  const upper = sorted[Math.floor(half)] ?? Number.NaN;
  return (lower + upper) / 2;
}

/** Passes of one cell: every pass holds one measurement per peer, taken one after the other. */
export type Passes = readonly (readonly Measurement[])[];

const COLUMNS = [
  'peer',
  'msg/s',
  'CPU s/1000',
  'plugin s/1000',
  'p50 ms',
  'p99 ms',
  'peak MiB',
  'msg/s ÷ haproxy',
  'CPU ÷ haproxy',
  'with plugin ÷ haproxy',
  'msg/s ours ÷ its',
  'failed',
];

/** Markdown table of medians; ratios are taken inside each pass, then their median. */
export function markdownTable(passes: Passes): string {
  const peers = [...new Set(passes.flat().map((row) => row.peer))];
  const rows = peers.map((peer) => tableRow(peer, passes));
  return [COLUMNS, COLUMNS.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function tableRow(peer: string, passes: Passes): readonly string[] {
  const own = passes.map((pass) => pass.find((row) => row.peer === peer)).filter((row) => row !== undefined);
  const middle = (pick: (row: Measurement) => number): number => median(own.map(pick));
  const total = (row: Measurement): number => row.cpuPer1000 + row.pluginCpuPer1000;
  return [
    peer,
    middle((row) => row.perSecond).toFixed(0),
    middle((row) => row.cpuPer1000).toFixed(3),
    middle((row) => row.pluginCpuPer1000).toFixed(3),
    middle((row) => row.p50Ms).toFixed(2),
    middle((row) => row.p99Ms).toFixed(2),
    middle((row) => row.peakRssMiB).toFixed(0),
    ratio(passes, peer, 'haproxy', (row) => row.perSecond),
    ratio(passes, peer, 'haproxy', (row) => row.cpuPer1000),
    ratio(passes, peer, 'haproxy', total),
    ratio(passes, 'smtp-router', peer, (row) => row.perSecond),
    String(own.reduce((sum, row) => sum + row.failed, 0)),
  ];
}

/** Median over the passes of `pick(peer) / pick(other)`, with its range. */
function ratio(passes: Passes, peer: string, other: string, pick: (row: Measurement) => number): string {
  const ratios = passes.flatMap((pass) => {
    const a = pass.find((row) => row.peer === peer);
    const b = pass.find((row) => row.peer === other);
    return a === undefined || b === undefined || pick(b) === 0 ? [] : [pick(a) / pick(b)];
  });
  if (ratios.length === 0) return '–';
  const [low, high] = [Math.min(...ratios), Math.max(...ratios)];
  return `${median(ratios).toFixed(2)} (${low.toFixed(2)}–${high.toFixed(2)})`;
}
