import assert from 'node:assert/strict';
import { type Duplex, duplexPair } from 'node:stream';
import { describe, it, type TestContext } from 'node:test';
import { PluginError } from '../../src/errors.ts';
import { GOB_STRING, gobSlice, gobStruct } from '../../src/gob/schema.ts';
import { connectNetRpc } from '../../src/transport/net-rpc-host.ts';
import { serveNetRpcConnection } from '../../src/transport/net-rpc-plugin.ts';
import conversation from '../fixtures/conversation.json' with { type: 'json' };
import { CALL, IGNORE_OUTPUT, SILENT } from './socket-pair.ts';

const LIST = gobSlice(gobStruct('Downstream', { Addr: GOB_STRING, User: GOB_STRING, Pass: GOB_STRING }));
const TWO = [
  { Addr: 'a:25', User: 'u', Pass: 'p' },
  { Addr: 'b:25', User: '', Pass: '' },
];

/** Plays the recorded part of one side against the real other side, and checks every byte of that. */
class Recording {
  readonly #wire: Duplex;
  readonly #played: string;
  readonly #size: number;
  #received = Buffer.alloc(0);
  #expected = 0;
  #step = 0;

  constructor(wire: Duplex, played: 'host' | 'plugin', size: number) {
    this.#wire = wire;
    this.#played = played;
    this.#size = size;
    wire.on('data', (bytes: Buffer) => {
      this.#received = Buffer.concat([this.#received, bytes]);
    });
  }

  /** Goes through the next `count` steps: plays ours, waits for theirs. */
  async play(count: number): Promise<void> {
    for (const { from, what, hex } of conversation.slice(this.#step, this.#step + count)) {
      const bytes = Buffer.from(hex.join(''), 'hex');
      if (from === this.#played) await this.#send(bytes);
      else await this.#expect(bytes, what);
    }
    this.#step += count;
  }

  async #send(bytes: Buffer): Promise<void> {
    for (let at = 0; at < bytes.length; at += this.#size) {
      this.#wire.write(bytes.subarray(at, at + this.#size));
      await turn();
    }
  }

  async #expect(bytes: Buffer, what: string): Promise<void> {
    const end = this.#expected + bytes.length;
    for (let turns = 0; this.#received.length < end && turns < 1000; turns += 1) await turn();
    const found = this.#received.subarray(this.#expected, end).toString('hex');
    assert.equal(found, bytes.toString('hex'), what);
    this.#expected = end;
  }

  /** What the other side said beyond the recording, in hex. */
  get more(): string {
    return this.#received.subarray(this.#expected).toString('hex');
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

async function playPlugin(context: TestContext, size: number): Promise<void> {
  const [near, far] = duplexPair();
  const recording = new Recording(far, 'plugin', size);
  const host = connectNetRpc(near, IGNORE_OUTPUT);
  context.after(() => far.destroy());
  const pinged = host.ping(CALL);
  await recording.play(4);
  await pinged;
  const dispensed = host.dispense('selector', CALL);
  await recording.play(4);
  const channel = await dispensed;
  for (const answer of ['b:25', 'a:25']) {
    const reply = channel.call('Select', { type: LIST, value: TWO }, CALL);
    await recording.play(2);
    assert.deepEqual(await reply, { type: GOB_STRING, value: answer });
  }
  const refused = assert.rejects(
    channel.call('Select', { type: LIST, value: [] }, CALL),
    (error) =>
      error instanceof PluginError &&
      error.code === 'PLUGIN_CALL_FAILED' &&
      error.message.endsWith('no downstreams'),
  );
  await recording.play(2);
  await refused;
  const quit = host.quit(CALL);
  await recording.play(2);
  await quit;
  host.close();
  await recording.play(1);
  assert.equal(recording.more, '');
  assert.equal(await host.closed, undefined);
}

async function playHost(context: TestContext, size: number): Promise<void> {
  const [near, far] = duplexPair();
  const recording = new Recording(far, 'host', size);
  const quit = Promise.withResolvers<void>();
  const answers = ['b:25', 'a:25'];
  const select = (): string => {
    const answer = answers.shift();
    if (answer === undefined) throw new Error('no downstreams');
    return answer;
  };
  serveNetRpcConnection(near, {
    dispense: () => ({ Select: { argument: LIST, reply: GOB_STRING, handle: select } }),
    stdout: SILENT,
    stderr: SILENT,
    onQuit: () => quit.resolve(),
  });
  context.after(() => near.destroy());
  await recording.play(conversation.length);
  await quit.promise;
  for (let turns = 0; turns < 5; turns += 1) await turn();
  assert.equal(
    recording.more,
    '000100040000000100000000',
    'it ends its half of stream 1, which nobody recorded',
  );
}

describe('the recorded conversation of a Go host and a Go plugin', () => {
  for (const size of [Infinity, 7, 1]) {
    it(`our host says the same bytes, hearing the plugin in pieces of ${size}`, (context) =>
      playPlugin(context, size));
    it(`our plugin says the same bytes, hearing the host in pieces of ${size}`, (context) =>
      playHost(context, size));
  }
});
