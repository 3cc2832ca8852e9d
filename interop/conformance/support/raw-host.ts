/** A host that speaks yamux by hand, to say to a plugin what no library would. */
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { GOB_STRING, type GobRegistry, type GobType } from '@smtp-router/go-plugin/gob';
import { RpcCaller } from '@smtp-router/go-plugin/net-rpc';
import { DATA, type Frame, frame, parseFrames, SYN, WINDOW } from './frames.ts';

const PATIENCE_MS = 20_000;

export class RawHost {
  readonly #socket: Socket;
  #received: Buffer = Buffer.alloc(0);
  #isClosed: boolean = false;
  readonly #waiting = new Set<() => void>();
  readonly #calls = new Map<number, RawCalls>();
  #read = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (bytes: Buffer) => {
      this.#received = Buffer.concat([this.#received, bytes]);
      this.#feed();
      this.#wake();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#isClosed = true;
      this.#wake();
    });
  }

  /** Whole frames the plugin sent. */
  get frames(): readonly Frame[] {
    return parseFrames(this.#received);
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  send(...frames: readonly Buffer[]): void {
    this.#socket.write(Buffer.concat(frames));
  }

  /** Opens streams by a window update each. */
  open(...streamIds: readonly number[]): void {
    this.send(...streamIds.map((streamId) => frame({ type: WINDOW, flags: SYN, streamId })));
  }

  data(streamId: number, payload: Uint8Array, flags = 0): void {
    this.send(frame({ type: DATA, streamId, payload, flags }));
  }

  /** Calls on a stream; replies are read from then on. */
  calls(streamId: number, registry?: GobRegistry): RawCalls {
    const calls = new RawCalls((bytes) => this.data(streamId, bytes), registry);
    this.#calls.set(streamId, calls);
    return calls;
  }

  /** Waits until something holds of what was received. */
  async until(what: string, holds: () => boolean): Promise<void> {
    const patience = AbortSignal.timeout(PATIENCE_MS);
    while (!holds()) {
      if (patience.aborted) throw new Error(`no ${what}; received ${describeFrames(this.frames)}`);
      await this.#change(patience);
    }
  }

  /** Waits for a frame. */
  async frame(what: string, is: (frame: Frame) => boolean): Promise<Frame> {
    await this.until(what, () => this.frames.some(is));
    const found = this.frames.find(is);
    if (found === undefined) throw new Error(`no ${what}`);
    return found;
  }

  /** Waits until the plugin has closed the connection. */
  closed(): Promise<void> {
    return this.until('end of the connection', () => this.#isClosed);
  }

  /** Waits until the plugin has dealt with everything said so far: it answers a ping behind it. */
  async settled(): Promise<void> {
    const value = 0x5e771ed0 + this.frames.length;
    this.send(frame({ type: 2, flags: SYN, value }));
    await this.frame('pong', (each) => each.type === 2 && each.value === value);
    await delay(20);
  }

  #feed(): void {
    const { frames } = this;
    for (const each of frames.slice(this.#read)) {
      if (each.type === DATA) this.#calls.get(each.streamId)?.receive(each.payload);
    }
    this.#read = frames.length;
  }

  #change(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.add(resolve);
    signal.addEventListener('abort', () => resolve(), { once: true });
    return promise;
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}

/** net/rpc on one stream of a `RawHost`. */
export class RawCalls {
  readonly #caller: RpcCaller<PromiseWithResolvers<unknown>>;
  readonly #send: (bytes: Uint8Array) => void;

  constructor(send: (bytes: Uint8Array) => void, registry?: GobRegistry) {
    const limits = { maxMessageBytes: 8 * 1_048_576 };
    this.#caller = new RpcCaller({ limits, ...(registry && { registry }) });
    this.#send = send;
  }

  /** Calls a method; rejects with the text of the error. */
  call(serviceMethod: string, type: GobType, value: unknown): Promise<unknown> {
    const ticket = Promise.withResolvers<unknown>();
    this.#send(this.encode(serviceMethod, type, value, ticket));
    return ticket.promise;
  }

  /** The bytes of a call. */
  encode(
    serviceMethod: string,
    type: GobType,
    value: unknown,
    ticket: PromiseWithResolvers<unknown> = Promise.withResolvers<unknown>(),
  ): Uint8Array {
    this.#caller.call({ serviceMethod, argument: { type, value }, dueAt: Infinity }, ticket);
    return this.#caller.takeOutput();
  }

  receive(bytes: Uint8Array): void {
    this.#caller.receive(bytes);
    for (let event = this.#caller.nextEvent(); event !== undefined; event = this.#caller.nextEvent()) {
      if (event.kind === 'reply') event.ticket.resolve(event.reply.value);
      if (event.kind === 'refused') event.ticket.reject(new Error(event.text));
    }
  }
}

/** Opens the three streams, dispenses the kit and dials it on stream 7. */
export async function dialKit(
  host: RawHost,
  registry?: GobRegistry,
): Promise<{ readonly calls: RawCalls; readonly streamId: number }> {
  host.open(1, 3, 5);
  const id = Buffer.alloc(4);
  id.writeUInt32LE(Number(await host.calls(1).call('Dispenser.Dispense', GOB_STRING, 'kit')));
  const streamId = 7;
  host.data(streamId, id, SYN);
  await host.frame('answer', (each) => each.streamId === streamId && each.payload.equals(id));
  return { calls: host.calls(streamId, registry), streamId };
}

function describeFrames(frames: readonly Frame[]): string {
  return frames
    .slice(-12)
    .map(({ type, flags, streamId, value }) => `${type}/${flags}/${streamId}/${value}`)
    .join(' ');
}
