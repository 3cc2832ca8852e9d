/** Sinks and one peer, started for one measurement and ended after it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Setup } from './cells.ts';
import { makeCertificate } from './certificate.ts';
import type { Peer, RunningPeer } from './peer.ts';
import { freePorts } from './ports.ts';
import { type Sinks, startSinks } from './sinks.ts';

/** What is there while a measurement runs. */
export interface Stage {
  readonly peer: Peer;
  readonly running: RunningPeer;
  readonly sinks: Sinks;
}

/** Runs `act` with the peer and its sinks up. Everything has ended, and no file is left, when it resolves or rejects. */
export async function onStage<T>(peer: Peer, setup: Setup, act: (stage: Stage) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  const removeFolder = (): void => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  process.once('exit', removeFolder);
  const certificateFile = setup.tls === 'off' ? '' : makeCertificate(folder);
  const [port = 0, ...sinkPorts] = await freePorts(3);
  const sinks = await startSinks(sinkPorts, folder);
  try {
    const running = await peer.start({ port, sinkPorts, folder, setup, certificateFile });
    try {
      return await act({ peer, running, sinks });
    } finally {
      await running.stop();
    }
  } finally {
    await sinks.stop();
    process.off('exit', removeFolder);
    removeFolder();
  }
}
