/**
 * One measurement under load: warm up, load, read CPU and memory of the peer's process tree at the edges
 * of the counted time. The rate is counted at the sinks, so a queueing peer is credited with what arrived,
 * not with what it accepted.
 */
import type { LoadCell } from './cells.ts';
import { type Duration, type LoadReport, runLoad, warmUp } from './load.ts';
import { idleShare, type MachineTime, machineTime } from './machine-idle.ts';
import type { Peer, RunningPeer } from './peer.ts';
import { childPids, treeUsage } from './process-usage.ts';
import { onStage, type Stage } from './stage.ts';
import { isStall } from './stall.ts';

/** Figures of one peer in one pass. */
export interface Measurement {
  readonly peer: string;
  /** Messages per second that reached the sinks; at a given rate, that were answered. */
  readonly perSecond: number;
  /** Seconds of CPU per 1 000 messages of the whole process tree, plugins left out. */
  readonly cpuPer1000: number;
  /** The same for plugin processes; 0 for peers without. */
  readonly pluginCpuPer1000: number;
  readonly peakRssMiB: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Share of the machine's cores with nothing to do, 0 to 1. */
  readonly idleShare: number;
  /** Clients waited although nobody had anything to do. */
  readonly isStalled: boolean;
  readonly failed: number;
  /** Messages answered with 250 that no sink saw. */
  readonly lost: number;
  readonly error: string;
}

interface Edge {
  readonly atMs: number;
  readonly taken: number;
  readonly relayCpu: number;
  readonly pluginCpu: number;
  readonly machine: MachineTime;
}

/** Measures one peer under one load. Everything it starts has ended when it resolves. */
export function measure(peer: Peer, cell: LoadCell, duration: Duration): Promise<Measurement> {
  return onStage(peer, cell.load, (stage) => underLoad(stage, cell, duration));
}

async function underLoad(stage: Stage, cell: LoadCell, duration: Duration): Promise<Measurement> {
  const { running, sinks } = stage;
  const peak = watchMemory(running);
  const warm = await warmUp(running, cell.load, duration);
  let began = edge(stage);
  let ended = began;
  const report = await runLoad(running, cell.load, duration, {
    counting: () => {
      began = edge(stage);
    },
    counted: () => {
      ended = edge(stage);
    },
  });
  if (report.sent === 0) throw new Error(`no message came through: ${report.error || warm.error}`);
  const accepted = warm.accepted + report.accepted;
  return {
    ...figures(cell, report, began, ended),
    peer: stage.peer.name,
    peakRssMiB: peak(),
    failed: warm.failed + report.failed,
    lost: stage.peer.hasQueue === true ? 0 : Math.max(0, accepted - sinks.taken()),
    error: warm.error === '' ? report.error : warm.error,
  };
}

function edge({ peer, running, sinks }: Stage): Edge {
  const plugins = peer.hasPlugin === true && running.pid !== undefined ? childPids(running.pid) : [];
  const relay = running.pid === undefined ? 0 : treeUsage(running.pid, plugins).cpuSeconds;
  const plugin = plugins.reduce((sum, pid) => sum + treeUsage(pid).cpuSeconds, 0);
  return {
    atMs: performance.now(),
    taken: sinks.taken(),
    relayCpu: relay,
    pluginCpu: plugin,
    machine: machineTime(),
  };
}

type Figures = Omit<Measurement, 'peer' | 'peakRssMiB' | 'failed' | 'lost' | 'error'>;

function figures(cell: LoadCell, report: LoadReport, began: Edge, ended: Edge): Figures {
  const messages = Math.max(1, ended.taken - began.taken);
  const seconds = Math.max(0.001, (ended.atMs - began.atMs) / 1_000);
  const relayCpu = ended.relayCpu - began.relayCpu;
  const pluginCpu = ended.pluginCpu - began.pluginCpu;
  const idle = idleShare(began.machine, ended.machine);
  return {
    perSecond: cell.load.rate > 0 ? report.perSecond : messages / seconds,
    cpuPer1000: (relayCpu / messages) * 1_000,
    pluginCpuPer1000: (pluginCpu / messages) * 1_000,
    p50Ms: report.p50,
    p99Ms: report.p99,
    idleShare: idle,
    isStalled: isStall({ p50Ms: report.p50, idleShare: idle, busyCores: (relayCpu + pluginCpu) / seconds }),
  };
}

/** Samples the tree's resident memory; the returned function stops and answers the peak. */
function watchMemory(running: RunningPeer): () => number {
  let peak = 0;
  const sample = (): void => {
    if (running.pid !== undefined) peak = Math.max(peak, treeUsage(running.pid).rssBytes);
  };
  const timer = setInterval(sample, 500);
  return () => {
    clearInterval(timer);
    sample();
    return peak / 2 ** 20;
  };
}
