/** What both sides of a recorded conversation may still send, and how much they wait for. */
import { ACK, DATA, type Frame, parseFrames, SYN, WINDOW } from './frames.ts';
import type { Passage } from './tapped-socket.ts';

const INITIAL_WINDOW = 262_144;

/** What the ledger of a conversation comes to. */
export interface Ledger {
  /** The least any side had left on any stream; negative when a window was overrun. */
  readonly leastWindow: number;
  /** The most streams of ours that waited for their acknowledgement. */
  readonly mostUnacknowledged: number;
}

/** Follows a conversation frame by frame. */
export function keepLedger(passages: readonly Passage[]): Ledger {
  const windows = new Map<string, number>();
  const waiting = new Set<number>();
  let leastWindow = INITIAL_WINDOW;
  let mostUnacknowledged = 0;
  const change = (from: Passage['from'], streamId: number, by: number): void => {
    const key = `${from} ${streamId}`;
    const left = (windows.get(key) ?? INITIAL_WINDOW) + by;
    windows.set(key, left);
    leastWindow = Math.min(leastWindow, left);
  };
  for (const { from, frame } of framesInOrder(passages)) {
    if (frame.type === DATA) change(from, frame.streamId, -frame.value);
    if (frame.type === WINDOW) change(from === 'us' ? 'peer' : 'us', frame.streamId, frame.value);
    if (from === 'us' && (frame.flags & SYN) !== 0) waiting.add(frame.streamId);
    if (from === 'peer' && (frame.flags & ACK) !== 0) waiting.delete(frame.streamId);
    mostUnacknowledged = Math.max(mostUnacknowledged, waiting.size);
  }
  return { leastWindow, mostUnacknowledged };
}

function* framesInOrder(
  passages: readonly Passage[],
): Generator<{ readonly from: Passage['from']; readonly frame: Frame }> {
  const rests = { us: Buffer.alloc(0), peer: Buffer.alloc(0) };
  for (const { from, bytes } of passages) {
    const all = Buffer.concat([rests[from], bytes]);
    let length = 0;
    for (const frame of parseFrames(all)) {
      length += 12 + frame.payload.length;
      yield { from, frame };
    }
    rests[from] = all.subarray(length);
  }
}
