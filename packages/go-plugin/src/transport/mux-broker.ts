/**
 * Streams both sides agree upon by a number (go-plugin mux_broker.go), for dispensed plugins and callbacks.
 * Whoever dials opens a stream and writes the number in 4 bytes, little-endian; the other side, which said
 * the number before in some reply, answers the same 4 bytes, and the stream is theirs.
 *
 * Accepting may begin before or after the stream arrives; whichever of the two waits alone is dropped after
 * `timeoutMs`.
 */
import { PluginError } from '../errors.ts';
import { DeadlineHeap, type Due } from '../net-rpc/deadline-heap.ts';
import type { DeadlineSource } from './deadline-timer.ts';
import { IdReader } from './id-reader.ts';
import type { MuxStream } from './mux-stream.ts';
import type { YamuxConnection } from './yamux-connection.ts';

/** One side of an exchange that waits for the other. */
interface Wait extends Due {
  /** What happens when nothing came in time. */
  readonly expire: () => void;
}

interface Acceptance {
  readonly wait: Wait;
  readonly take: (stream: MuxStream) => void;
  readonly fail: (error: PluginError) => void;
}

interface Unclaimed {
  readonly wait: Wait;
  readonly stream: MuxStream;
}

export class MuxBroker implements DeadlineSource {
  readonly #connection: YamuxConnection;
  readonly #timeoutMs: number;
  readonly #waits = new DeadlineHeap<Wait>();
  readonly #acceptances = new Map<number, Acceptance>();
  readonly #unclaimed = new Map<number, Unclaimed>();
  #lastId = 0;

  /** `timeoutMs`: for the peer's part in each exchange. */
  constructor(connection: YamuxConnection, timeoutMs: number) {
    this.#connection = connection;
    this.#timeoutMs = timeoutMs;
    connection.timer.add(this);
    void connection.closed.then(() => this.#close());
  }

  /** A number not used yet on this side, from 1. */
  nextId(): number {
    this.#lastId = (this.#lastId + 1) >>> 0;
    return this.#lastId;
  }

  /** Opens the stream the peer accepts as `id`. Rejects with `PLUGIN_BROKER_FAILED` or the connection's end. */
  async dial(id: number, timeoutMs: number = this.#timeoutMs): Promise<MuxStream> {
    const stream = await this.#connection.openInTurn();
    stream.write(encodeId(id));
    const answer = await this.#readId(stream, timeoutMs);
    if (answer === id) return stream;
    stream.reset();
    throw new PluginError('PLUGIN_BROKER_FAILED', `The peer answered broker id ${id} by ${answer}.`);
  }

  /** The stream the peer dials as `id`. Rejects with `PLUGIN_BROKER_FAILED` when it does not in time. */
  accept(id: number): Promise<MuxStream> {
    const unclaimed = this.#unclaimed.get(id);
    if (unclaimed !== undefined) {
      this.#unclaimed.delete(id);
      this.#waits.remove(unclaimed.wait);
      return acknowledge(unclaimed.stream, id);
    }
    return new Promise((resolve, reject) => {
      const wait = this.#wait(this.#timeoutMs, () => {
        this.#acceptances.delete(id);
        reject(
          new PluginError('PLUGIN_BROKER_FAILED', `The peer did not open the stream of broker id ${id}.`),
        );
      });
      const take = (stream: MuxStream): void => resolve(acknowledge(stream, id));
      this.#acceptances.set(id, { wait, take, fail: reject });
    });
  }

  /** Takes a stream the peer opened and finds out what it is for. */
  incoming(stream: MuxStream): void {
    this.#readId(stream, this.#timeoutMs).then(
      (id) => this.#match(id, stream),
      () => stream.reset(),
    );
  }

  deadline(): number | undefined {
    return this.#waits.first?.dueAt;
  }

  tick(now: number): void {
    for (let wait = this.#waits.first; wait !== undefined && wait.dueAt <= now; wait = this.#waits.first) {
      this.#waits.remove(wait);
      wait.expire();
    }
  }

  #match(id: number, stream: MuxStream): void {
    const acceptance = this.#acceptances.get(id);
    if (acceptance !== undefined) {
      this.#acceptances.delete(id);
      this.#waits.remove(acceptance.wait);
      acceptance.take(stream);
    } else if (this.#unclaimed.has(id)) {
      stream.reset();
    } else {
      const wait = this.#wait(this.#timeoutMs, () => {
        this.#unclaimed.delete(id);
        stream.reset();
      });
      this.#unclaimed.set(id, { wait, stream });
    }
  }

  /** The first four bytes of a stream, which has no owner afterwards. */
  #readId(stream: MuxStream, timeoutMs: number): Promise<number> {
    return new Promise((resolve, reject) => {
      const wait = this.#wait(timeoutMs, () => {
        stream.reset();
        reject(new PluginError('PLUGIN_BROKER_FAILED', 'The peer did not send a broker id in time.'));
      });
      const settle = (run: () => void): void => {
        this.#waits.remove(wait);
        run();
      };
      stream.setOwner(
        new IdReader(stream, {
          read: (id) => settle(() => resolve(id)),
          failed: (error) => settle(() => reject(error)),
        }),
      );
    });
  }

  #wait(timeoutMs: number, expire: () => void): Wait {
    const wait: Wait = { dueAt: this.#connection.now() + timeoutMs, heapIndex: -1, expire };
    this.#waits.add(wait);
    this.#connection.timer.look(this);
    return wait;
  }

  #close(): void {
    const error = this.#connection.endError;
    const acceptances = [...this.#acceptances.values()];
    this.#acceptances.clear();
    this.#unclaimed.clear();
    if (error !== undefined) for (const acceptance of acceptances) acceptance.fail(error);
  }
}

function encodeId(id: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, id, true);
  return bytes;
}

/** Rejects when the stream is gone already. */
async function acknowledge(stream: MuxStream, id: number): Promise<MuxStream> {
  stream.write(encodeId(id));
  return stream;
}
