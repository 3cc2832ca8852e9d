/** What connections cost that have said EHLO and nothing else: resident memory, and CPU while nothing happens. */
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import type { IdleCell } from './cells.ts';
import { type Child, startChild } from './child.ts';
import { LOAD_BINARY, warmUp } from './load.ts';
import type { Peer, RunningPeer } from './peer.ts';
import { treeUsage } from './process-usage.ts';
import { onStage } from './stage.ts';

/** Figures of one peer in one pass. */
export interface IdleMeasurement {
  readonly peer: string;
  /** Resident memory after the warm-up, before the first connection. */
  readonly baseRssMiB: number;
  /** Growth per connection since then, one figure per step, in KiB. */
  readonly kibPerConnection: readonly number[];
  /** CPU of the peer with all connections held: share of one core. */
  readonly cpuShare: number;
}

/** Short on purpose: free room in a heap that was larger before would hide what connections cost. */
const WARM_UP = { warmupMessages: 100, warmupSeconds: 5, seconds: 0 };
/** How long a peer is left alone before its memory is read. */
const SETTLE_MS = 3_000;
/** Opening all of a step must not take longer. */
const OPEN_MS = 60_000;

/** Measures one peer. Everything it starts has ended when it resolves. */
export function measureIdle(peer: Peer, cell: IdleCell): Promise<IdleMeasurement> {
  return onStage(peer, cell.setup, async ({ running }) => {
    const load = { ...cell.setup, sizeBytes: 10_240, sessions: 5, rate: 0 };
    await warmUp(running, load, WARM_UP);
    const base = await settledRss(running);
    const kibPerConnection: number[] = [];
    const openers: Child[] = [];
    try {
      for (const count of cell.steps) {
        const more = count - (cell.steps[openers.length - 1] ?? 0);
        openers.push(await hold(running, cell, more));
        kibPerConnection.push(((await settledRss(running)) - base) / count / 1_024);
      }
      return {
        peer: peer.name,
        baseRssMiB: base / 2 ** 20,
        kibPerConnection,
        cpuShare: await cpuShare(running),
      };
    } finally {
      await Promise.all(openers.map((opener) => opener.stop()));
    }
  });
}

/** Opens connections; they stay until the answered program is stopped. */
async function hold(running: RunningPeer, cell: IdleCell, count: number): Promise<Child> {
  const opener = startChild(LOAD_BINARY, [
    ...['idle', '-addr', running.address, '-connections', `${count}`, '-openers', '50', '-hold', '5m'],
    ...['-say', 'EHLO idle.test\\r\\n', `-tls=${cell.setup.tls === 'implicit'}`],
  ]);
  const { stdout, stderr } = opener.process;
  if (stdout === null || stderr === null) throw new Error('the opener has no output');
  const lines = createInterface(stdout);
  let complaint = '';
  stderr.on('data', (chunk: Buffer) => {
    complaint += chunk.toString('latin1');
  });
  const ended = once(opener.process, 'exit').then(() => {
    throw new Error(`could not open ${count} connections: ${complaint.trim()}`);
  });
  const late = new AbortController();
  const tooLate = pause(OPEN_MS, undefined, { signal: late.signal }).then(() => {
    throw new Error(`could not open ${count} connections in ${OPEN_MS / 1_000} s`);
  });
  // The losers of the race end later, and nobody waits for them.
  for (const loser of [ended, tooLate]) loser.catch(() => undefined);
  try {
    await Promise.race([once(lines, 'line'), ended, tooLate]);
    return opener;
  } catch (error) {
    await opener.stop();
    throw error;
  } finally {
    late.abort();
  }
}

async function settledRss(running: RunningPeer): Promise<number> {
  await pause(SETTLE_MS);
  return running.pid === undefined ? 0 : treeUsage(running.pid).rssBytes;
}

async function cpuShare(running: RunningPeer): Promise<number> {
  if (running.pid === undefined) return 0;
  const before = treeUsage(running.pid).cpuSeconds;
  await pause(SETTLE_MS);
  return (treeUsage(running.pid).cpuSeconds - before) / (SETTLE_MS / 1_000);
}
