/**
 * One measurement: start sinks and peer, warm up, load, read CPU and memory of the peer's process
 * tree at the edges of the counted window, stop everything. The rate is counted at the sinks, so a
 * queueing peer is credited with what arrived, not with what it accepted.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Load, type LoadReport, runLoad } from './load.ts';
import type { Peer, RunningPeer } from './peer.ts';
import { freePorts } from './ports.ts';
import { childPids, treeUsage } from './process-usage.ts';
import { type Sinks, startSinks } from './sinks.ts';

/** Figures of one peer in one pass. */
export interface Measurement {
  readonly peer: string;
  /** Messages per second that reached the sinks. */
  readonly perSecond: number;
  /** Seconds of CPU per 1 000 messages, without child processes for our router, else the whole tree. */
  readonly cpuPer1000: number;
  /** The same for the plugin process; 0 for other peers. */
  readonly pluginCpuPer1000: number;
  readonly peakRssMiB: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly failed: number;
  readonly error: string;
}

interface Edge {
  readonly atMs: number;
  readonly taken: number;
  readonly relayCpu: number;
  readonly pluginCpu: number;
}

/** Measures one peer under one load. Everything it starts has ended when it resolves. */
export async function measure(peer: Peer, load: Load): Promise<Measurement> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  const [port = 0, ...sinkPorts] = await freePorts(3);
  const sinks = await startSinks(sinkPorts);
  try {
    const running = await peer.start({ port, sinkPorts, folder });
    try {
      return await underLoad(peer, running, sinks, load);
    } finally {
      await running.stop();
    }
  } finally {
    await sinks.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function underLoad(peer: Peer, running: RunningPeer, sinks: Sinks, load: Load): Promise<Measurement> {
  const peak = watchMemory(running);
  let began = edge(peer, running, sinks);
  const report = await runLoad(running, load, () => {
    began = edge(peer, running, sinks);
  });
  const ended = edge(peer, running, sinks);
  return figures(peer, load, report, began, ended, peak());
}

function edge(peer: Peer, running: RunningPeer, sinks: Sinks): Edge {
  const plugins = peer.hasPlugin === true && running.pid !== undefined ? childPids(running.pid) : [];
  const relay = running.pid === undefined ? 0 : treeUsage(running.pid, plugins).cpuSeconds;
  const plugin = plugins.reduce((sum, pid) => sum + treeUsage(pid).cpuSeconds, 0);
  return { atMs: performance.now(), taken: sinks.taken(), relayCpu: relay, pluginCpu: plugin };
}

function figures(
  peer: Peer,
  load: Load,
  report: LoadReport,
  began: Edge,
  ended: Edge,
  peakRssMiB: number,
): Measurement {
  const messages = Math.max(1, ended.taken - began.taken);
  const seconds = (ended.atMs - began.atMs) / 1_000;
  return {
    peer: peer.name,
    perSecond: load.rate > 0 ? report.perSecond : messages / seconds,
    cpuPer1000: ((ended.relayCpu - began.relayCpu) / messages) * 1_000,
    pluginCpuPer1000: ((ended.pluginCpu - began.pluginCpu) / messages) * 1_000,
    peakRssMiB,
    p50Ms: report.p50,
    p99Ms: report.p99,
    failed: report.failed,
    error: report.error,
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
