import { readdirSync, readFileSync } from 'node:fs';

/** CPU and memory of a process tree, from /proc (Linux). */
export interface Usage {
  /** User + system seconds since start, reaped children included. */
  readonly cpuSeconds: number;
  readonly rssBytes: number;
}

const TICKS_PER_SECOND = 100;
const PAGE_BYTES = 4096;

interface ProcessRow {
  readonly pid: number;
  readonly parent: number;
  readonly cpuSeconds: number;
  readonly rssBytes: number;
}

/** Sum over a process and its descendants; `leaveOut` are subtrees measured apart. */
export function treeUsage(root: number, leaveOut: readonly number[] = []): Usage {
  const rows = processRows();
  const skipped = new Set(leaveOut);
  let cpuSeconds = 0;
  let rssBytes = 0;
  const visit = (pid: number): void => {
    const row = rows.get(pid);
    if (row === undefined || skipped.has(pid)) return;
    cpuSeconds += row.cpuSeconds;
    rssBytes += row.rssBytes;
    for (const child of rows.values()) if (child.parent === pid) visit(child.pid);
  };
  visit(root);
  return { cpuSeconds, rssBytes };
}

/** Direct children of a process. */
export function childPids(root: number): readonly number[] {
  return [...processRows().values()].filter((row) => row.parent === root).map((row) => row.pid);
}

function processRows(): Map<number, ProcessRow> {
  const rows = new Map<number, ProcessRow>();
  for (const name of readdirSync('/proc')) {
    const row = /^\d+$/.test(name) ? processRow(Number(name)) : undefined;
    if (row !== undefined) rows.set(row.pid, row);
  }
  return rows;
}

/** proc(5), /proc/pid/stat: fields count from the state behind the command in parentheses. */
function processRow(pid: number): ProcessRow | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return undefined; // gone between listing and reading
  }
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const at = (index: number): number => Number(fields[index]);
  return {
    pid,
    parent: at(1),
    cpuSeconds: (at(11) + at(12) + at(13) + at(14)) / TICKS_PER_SECOND,
    rssBytes: at(21) * PAGE_BYTES,
  };
}
