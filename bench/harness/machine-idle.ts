import { readFileSync } from 'node:fs';

/** Processor time of the whole machine since its start, in ticks. */
export interface MachineTime {
  readonly idle: number;
  readonly total: number;
}

/** proc(5), first line of /proc/stat: user nice system idle iowait irq softirq steal; guests are within user. */
export function machineTime(): MachineTime {
  const line = readFileSync('/proc/stat', 'latin1').split('\n', 1)[0] ?? '';
  const fields = line.trim().split(/\s+/).slice(1, 9).map(Number);
  const idle = (fields[3] ?? 0) + (fields[4] ?? 0);
  return { idle, total: fields.reduce((sum, ticks) => sum + ticks, 0) };
}

/** Share of all cores that had nothing to run between two readings, 0 to 1. */
export function idleShare(began: MachineTime, ended: MachineTime): number {
  const total = ended.total - began.total;
  return total <= 0 ? 0 : (ended.idle - began.idle) / total;
}
