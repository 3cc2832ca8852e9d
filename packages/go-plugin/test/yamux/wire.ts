/** Frames by hand, and sessions looked at from the peer's side. */
import { FLAG, FRAME_TYPE, type FrameHeader } from '../../src/yamux/frame.ts';
import { FrameReader } from '../../src/yamux/frame-reader.ts';
import type { YamuxEvent } from '../../src/yamux/yamux-event.ts';
import type { YamuxLimits } from '../../src/yamux/yamux-limits.ts';
import { YamuxSession } from '../../src/yamux/yamux-session.ts';

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

export function frame(
  type: number,
  flags: number,
  streamId: number,
  length: number,
  version = 0,
): Uint8Array {
  const bytes = Buffer.alloc(12);
  bytes.writeUInt8(version, 0);
  bytes.writeUInt8(type, 1);
  bytes.writeUInt16BE(flags, 2);
  bytes.writeUInt32BE(streamId, 4);
  bytes.writeUInt32BE(length, 8);
  return new Uint8Array(bytes);
}

export function data(streamId: number, payload: Uint8Array | string, flags = 0): Uint8Array {
  const bytes = typeof payload === 'string' ? new TextEncoder().encode(payload) : payload;
  return concat(frame(FRAME_TYPE.DATA, flags, streamId, bytes.length), bytes);
}

export function update(flags: number, streamId: number, delta = 0): Uint8Array {
  return frame(FRAME_TYPE.WINDOW_UPDATE, flags, streamId, delta);
}

export const syn = (streamId: number): Uint8Array => update(FLAG.SYN, streamId);
export const ack = (streamId: number): Uint8Array => update(FLAG.ACK, streamId);
export const fin = (streamId: number): Uint8Array => update(FLAG.FIN, streamId);
export const rst = (streamId: number): Uint8Array => update(FLAG.RST, streamId);
export const ping = (value: number, flags: number = FLAG.SYN): Uint8Array =>
  frame(FRAME_TYPE.PING, flags, 0, value);
export const goAway = (code: number): Uint8Array => frame(FRAME_TYPE.GO_AWAY, 0, 0, code);

/** A session at time 0. */
export function session(role: 'host' | 'plugin', limits: Partial<YamuxLimits> = {}): YamuxSession {
  return new YamuxSession({ role, now: 0, limits });
}

export function eventsOf(subject: YamuxSession): YamuxEvent[] {
  const events: YamuxEvent[] = [];
  for (let event = subject.nextEvent(); event !== undefined; event = subject.nextEvent()) events.push(event);
  return events;
}

/** Gives the session frames of its peer and answers what came of them. */
export function receive(subject: YamuxSession, ...frames: readonly Uint8Array[]): YamuxEvent[] {
  subject.receive(concat(...frames), 0);
  return eventsOf(subject);
}

/** One frame in words: `data 1 "abc"`, `update 3 SYN`, `ping ACK 7`, `go-away 1`. */
export function describeFrames(bytes: Uint8Array | undefined): string[] {
  const words: string[] = [];
  let payload = '';
  const reader = new FrameReader({
    frame(header) {
      words.push(describeHeader(header));
      payload = '';
      return true;
    },
    payload(part, isLast) {
      payload += part.length > 40 ? `<${part.length}>` : new TextDecoder().decode(part);
      if (isLast) words.push(`${words.pop()} "${payload}"`);
    },
  });
  reader.read(bytes ?? new Uint8Array(0));
  return words;
}

function describeHeader({ type, flags, streamId, length }: FrameHeader): string {
  const names = Object.entries(FLAG).flatMap(([name, bit]) => ((flags & bit) === 0 ? [] : [name]));
  const kind = ['data', 'update', 'ping', 'go-away'][type] ?? 'unknown';
  const words = [kind, ...(type < FRAME_TYPE.PING ? [String(streamId)] : []), ...names];
  if (type !== FRAME_TYPE.DATA && (length > 0 || type > 1)) words.push(String(length));
  return words.join(' ');
}

/** What the session wants to tell its peer, in words. */
export function output(subject: YamuxSession): string[] {
  const parts: Uint8Array[] = [];
  for (let part = subject.takeOutput(); part !== undefined; part = subject.takeOutput()) parts.push(part);
  return describeFrames(concat(...parts));
}

/** An event as comparable plain data: payload as text, error as its code. */
export function plain(events: readonly YamuxEvent[]): unknown[] {
  return events.map((event) => {
    if (event.kind === 'data') return { ...event, bytes: new TextDecoder().decode(event.bytes) };
    if (event.kind === 'reset' || event.kind === 'ended') return { ...event, error: event.error?.code };
    return event;
  });
}
