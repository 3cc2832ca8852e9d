import assert from 'node:assert/strict';
import { describe, type TestContext } from 'node:test';
import { PluginError } from '@smtp-router/go-plugin/errors';
import { GOB_BOOL, GOB_STRING } from '@smtp-router/go-plugin/gob';
import { FrameReader, YamuxSession } from '@smtp-router/go-plugin/yamux';
import { connectNetRpc } from '../../packages/go-plugin/src/transport/net-rpc-host.ts';
import conversation from '../../packages/go-plugin/test/fixtures/conversation.json' with { type: 'json' };
import { ManualClock } from '../../packages/go-plugin/test/fixtures/manual-clock.ts';
import {
  ACK,
  DATA,
  FIN,
  frame,
  GO_AWAY,
  PING,
  parseFrames,
  RST,
  SYN,
  WINDOW,
  withFlags,
} from './support/frames.ts';
import { GoHost } from './support/go-host.ts';
import { CALL, dispenseKit, launchKit } from './support/go-plugin-kit.ts';
import { type Maker, makersFor, PluginProcess, pluginCommand } from './support/plugin-process.ts';
import { type RawCalls, RawHost } from './support/raw-host.ts';
import { fixtureStatement, type Release, statement } from './support/statement.ts';
import { keepLedger } from './support/windows.ts';

const FIXED = [1, 3, 5] as const;
const INITIAL_WINDOW = 262_144;

describe('yamux', () => {
  statement(
    '21. The host opens streams 1, 3 and 5 in this order; the plugin serves nothing before the third.',
    async (t, release) => {
      const { wire } = await launchKit(t, release);
      const opened = wire.frames('us').filter(({ flags }) => (flags & SYN) !== 0);
      assert.deepEqual(
        opened.slice(0, 3).map(({ type, streamId }) => [type, streamId]),
        FIXED.map((streamId) => [WINDOW, streamId]),
      );
      for (const maker of makersFor(release)) {
        const { host } = await rawHost(t, maker, release, []);
        host.open(1, 3);
        const pinged = ping(host.calls(1));
        await host.settled();
        assert.deepEqual(
          host.frames.filter(({ type }) => type === DATA),
          [],
          maker,
        );
        host.open(5);
        await pinged;
      }
    },
  );

  statement('22. A window update and a data frame with SYN both open a stream.', async (t, release) => {
    for (const maker of makersFor(release)) {
      const { host, control } = await rawHost(t, maker, release);
      for (const [streamId, first] of [
        [7, frame({ type: WINDOW, flags: SYN, streamId: 7 })],
        [9, undefined],
      ] as const) {
        const id = brokerId(await dispense(control));
        if (first !== undefined) host.send(first);
        host.data(streamId, id, first === undefined ? SYN : 0);
        await host.frame('answer', (each) => each.streamId === streamId && each.payload.equals(id));
        assert.equal(withFlags(host.frames, streamId, ACK).length, 1, maker);
      }
    }
  });

  statement(
    '23. Each accepted stream is acknowledged exactly once, and at once, whatever the program does with it.',
    async (t, release) => {
      for (const maker of makersFor(release)) {
        const { host, control } = await rawHost(t, maker, release);
        // Go's broker accepts no further stream before it has read the id of this one.
        host.open(7, 9);
        host.data(7, brokerId(7));
        host.data(9, brokerId(9));
        await ping(control);
        await host.frame('ACK', (each) => each.streamId === 9 && (each.flags & ACK) !== 0);
        await host.settled();
        for (const streamId of [...FIXED, 7, 9]) {
          assert.equal(withFlags(host.frames, streamId, ACK).length, 1, `${maker}, stream ${streamId}`);
        }
      }
    },
  );

  statement(
    '24. 3 MiB pass in one argument and in one reply, and no frame exceeds the window its receiver has granted.',
    async (t, release) => {
      const bytes = Buffer.alloc(3 * 1_048_576, 'conformance ');
      const { kit, wire } = await launchKit(t, release);
      const answer = await kit.call('Bytes', new Uint8Array(bytes));
      assert.ok(answer instanceof Uint8Array && bytes.equals(answer));
      assert.ok(keepLedger(wire.passages).leastWindow >= 0);
      const host = await GoHost.start(t, release);
      const echoed = await host.call<string>('Bytes', bytes.toString('base64'));
      assert.ok(bytes.equals(Buffer.from(echoed, 'base64')));
    },
  );

  statement('25. New window is granted when half of it is used up, and not before.', async (t, release) => {
    for (const maker of makersFor(release)) {
      const { host } = await rawHost(t, maker, release);
      // The head of a gob message of 200 000 bytes, which never comes whole.
      host.data(1, Buffer.from('fd030d40', 'hex'));
      host.data(1, Buffer.alloc(INITIAL_WINDOW / 2 - 100));
      await host.settled();
      const grants = (): readonly number[] =>
        host.frames
          .filter(({ type, streamId, value }) => type === WINDOW && streamId === 1 && value > 0)
          .map(({ value }) => value);
      assert.deepEqual(grants(), [], maker);
      host.data(1, Buffer.alloc(200));
      await host.until('grant', () => grants().length > 0);
      const [granted = 0] = grants();
      assert.ok(granted >= INITIAL_WINDOW / 2 && granted <= INITIAL_WINDOW / 2 + 200, `${maker}: ${granted}`);
    }
  });

  statement(
    '26. A ping is answered by its own value; our own go out every 30 s, and one unanswered for 10 s ends the session with all its calls.',
    async (t, release) => {
      for (const maker of makersFor(release)) {
        const { host } = await rawHost(t, maker, release);
        host.send(frame({ type: PING, flags: SYN, value: 0xdeadbeef }));
        const pong = await host.frame('pong', ({ type }) => type === PING);
        assert.deepEqual([pong.flags, pong.streamId, pong.value], [ACK, 0, 0xdeadbeef], maker);
      }
      const plugin = await PluginProcess.start(t, await pluginCommand('Go', release));
      const clock = new ManualClock();
      const sinks = { onStdout: () => undefined, onStderr: () => undefined };
      const connection = connectNetRpc(await plugin.connect(t), { ...sinks, clock });
      const kit = await dispenseKit(connection);
      const pending = kit.call('Sleep', 0, 3_600_000);
      plugin.child.kill('SIGSTOP');
      await clock.advance(30_000);
      await clock.advance(9_999);
      const outcome = assert.rejects(pending, isLost);
      await clock.advance(1);
      await outcome;
    },
  );

  statement(
    '27. FIN is sent once; what arrives after our own is still read; after both the stream is forgotten.',
    async (t, release) => {
      const { host: plugin, connection, kit, wire } = await launchKit(t, release);
      await kit.call('Text', 'x');
      kit.channel.close();
      connection.close();
      await connection.closed;
      process.kill(plugin.pid, 'SIGKILL');
      for (const streamId of [...FIXED, 7]) {
        assert.equal(withFlags(wire.frames('us'), streamId, FIN).length, 1, `stream ${streamId}`);
      }
      for (const maker of makersFor(release)) {
        const { host, control } = await rawHost(t, maker, release);
        host.data(1, control.encode('Control.Ping', GOB_BOOL, true), FIN);
        await host.frame('FIN', ({ streamId, flags }) => streamId === 1 && (flags & FIN) !== 0);
        assert.ok(
          host.frames.some(({ type, streamId }) => type === DATA && streamId === 1),
          maker,
        );
        assert.equal(withFlags(host.frames, 1, FIN).length, 1, maker);
      }
      const session = new YamuxSession({ role: 'host', now: 0 });
      session.open(0);
      session.finish(1, 0);
      session.receive(frame({ type: DATA, flags: ACK, streamId: 1, payload: Buffer.from('late') }), 0);
      assert.equal(session.nextEvent()?.kind, 'data');
      session.receive(frame({ type: WINDOW, flags: FIN, streamId: 1 }), 0);
      assert.equal(session.streamCount, 0);
    },
  );

  statement('28. RST on a stream fails the calls of that stream and no others.', async (t, release) => {
    const { connection, kit, wire } = await launchKit(t, release);
    const other = await dispenseKit(connection);
    const pending = kit.call('Sleep', 0);
    const alive = other.call('Sleep', 300);
    wire.inject(frame({ type: WINDOW, flags: RST, streamId: 7 }));
    await assert.rejects(pending, isLost);
    assert.equal(await alive, 300);
    await connection.ping(CALL);
    for (const maker of makersFor(release)) {
      const { host, control } = await rawHost(t, maker, release);
      host.send(frame({ type: WINDOW, flags: RST, streamId: 3 }));
      await ping(control);
    }
  });

  statement(
    '29. Go-away 0 ends the opening of streams and lets the open ones finish; 1, 2 and unknown reasons end the session.',
    async (t, release) => {
      const { connection, kit, wire } = await launchKit(t, release);
      const pending = kit.call('Sleep', 200);
      wire.inject(frame({ type: GO_AWAY, value: 0 }));
      assert.equal(await pending, 200);
      await assert.rejects(dispenseKit(connection), hasCode('YAMUX_OPEN_REFUSED'));
      assert.equal(await kit.call('Text', 'open ones go on'), 'open ones go on');
      for (const value of [1, 2, 7]) {
        const { connection, kit, wire } = await launchKit(t, release);
        const pending = kit.call('Sleep', 0);
        wire.inject(frame({ type: GO_AWAY, value }));
        await assert.rejects(pending, isLost);
        assert.ok((await connection.closed) instanceof PluginError);
      }
      for (const maker of makersFor(release)) {
        const { host, control } = await rawHost(t, maker, release);
        host.send(frame({ type: GO_AWAY, value: 0 }));
        await ping(control);
        host.send(frame({ type: GO_AWAY, value: 7 }));
        await host.closed();
      }
    },
  );

  statement(
    '30. A window overrun, a second SYN, a bad version and a bad type end the session and nothing else; a connection closed without go-away fails all calls at once.',
    async (t, release) => {
      const faults = [
        frame({ type: DATA, streamId: 3, payload: Buffer.alloc(INITIAL_WINDOW + 1) }),
        frame({ type: WINDOW, flags: SYN, streamId: 3 }),
        frame({ version: 1, type: WINDOW, streamId: 3 }),
        frame({ type: 9, streamId: 3 }),
      ];
      for (const maker of makersFor(release)) {
        const plugin = await PluginProcess.start(t, await pluginCommand(maker, release));
        for (const fault of faults) {
          const host = new RawHost(await plugin.connect(t));
          host.open(...FIXED);
          await ping(host.calls(1));
          host.send(fault);
          await host.closed();
        }
        const host = new RawHost(await plugin.connect(t));
        host.open(...FIXED);
        await ping(host.calls(1));
      }
      const { kit, wire } = await launchKit(t, release);
      const pending = Array.from({ length: 10 }, () => kit.call('Sleep', 0));
      wire.say(frame({ type: 9 }));
      for (const outcome of await Promise.allSettled(pending)) {
        assert.ok(outcome.status === 'rejected' && isLost(outcome.reason));
      }
    },
  );

  statement(
    '31. Frames for unknown streams are read and dropped; the session goes on.',
    async (t, release) => {
      for (const maker of makersFor(release)) {
        const { host, control } = await rawHost(t, maker, release);
        host.send(
          frame({ type: DATA, streamId: 99, payload: Buffer.from('for nobody') }),
          frame({ type: WINDOW, streamId: 99, value: 5 }),
          frame({ type: WINDOW, streamId: 99, flags: FIN }),
          frame({ type: WINDOW, streamId: 99, flags: RST }),
        );
        await ping(control);
      }
      const { kit, wire } = await launchKit(t, release);
      wire.inject(frame({ type: DATA, streamId: 98, payload: Buffer.from('for nobody') }));
      assert.equal(await kit.call('Text', 'goes on'), 'goes on');
    },
  );

  statement(
    '32. Of 300 streams opened at once no more than 256 wait for their acknowledgement, and none is lost.',
    async (t, release) => {
      const { connection, wire } = await launchKit(t, release);
      const kits = await Promise.all(Array.from({ length: 300 }, () => dispenseKit(connection)));
      const counts = await Promise.all(kits.map((kit) => kit.call('Next', true)));
      assert.deepEqual(new Set(counts), new Set([1]));
      assert.ok(keepLedger(wire.passages).mostUnacknowledged <= 256);
      for (const maker of makersFor(release)) {
        const { host, control } = await rawHost(t, maker, release);
        const streamIds = Array.from({ length: 300 }, (_, index) => 7 + 2 * index);
        host.send(
          ...streamIds.map((streamId) =>
            frame({ type: DATA, flags: SYN, streamId, payload: brokerId(streamId) }),
          ),
        );
        await ping(control);
        const isAnswered = (streamId: number): boolean =>
          withFlags(host.frames, streamId, ACK).length + withFlags(host.frames, streamId, RST).length === 1;
        await host.until('300 answers', () => streamIds.every(isAnswered));
      }
    },
  );

  fixtureStatement('33. Frames cut at every byte are read as the same frames.', () => {
    const bytes = Buffer.concat(conversation.map(({ hex }) => Buffer.from(hex.join(''), 'hex')));
    const whole = parseFrames(bytes).map(({ type, flags, streamId, value, payload }) =>
      [type, flags, streamId, value, payload.toString('hex')].join(' '),
    );
    for (let cut = 0; cut <= bytes.length; cut += 1) {
      assert.deepEqual(readFrames([bytes.subarray(0, cut), bytes.subarray(cut)]), whole, `cut at ${cut}`);
    }
    assert.deepEqual(readFrames([...bytes].map((byte) => Uint8Array.of(byte))), whole);
  });
});

/** A plugin, and a host by hand on it with the given streams open. */
async function rawHost(
  t: TestContext,
  maker: Maker,
  release: Release,
  streams: readonly number[] = FIXED,
): Promise<{ readonly host: RawHost; readonly control: RawCalls }> {
  const plugin = await PluginProcess.start(t, await pluginCommand(maker, release));
  const host = new RawHost(await plugin.connect(t));
  host.open(...streams);
  return { host, control: host.calls(1) };
}

function ping(control: RawCalls): Promise<unknown> {
  return control.call('Control.Ping', GOB_BOOL, true);
}

function dispense(control: RawCalls): Promise<unknown> {
  return control.call('Dispenser.Dispense', GOB_STRING, 'kit');
}

function brokerId(value: unknown): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(Number(value));
  return bytes;
}

function hasCode(code: string): (error: unknown) => boolean {
  return (error) => error instanceof PluginError && error.code === code;
}

function isLost(error: unknown): boolean {
  return hasCode('PLUGIN_CONNECTION_LOST')(error);
}

/** The frames our reader finds, as comparable text. */
function readFrames(chunks: readonly Uint8Array[]): readonly string[] {
  const found: string[] = [];
  let payload = '';
  const finish = (): void => {
    found.push(`${found.pop() ?? ''} ${payload}`);
    payload = '';
  };
  const reader = new FrameReader({
    frame: ({ type, flags, streamId, length }) => {
      found.push([type, flags, streamId, length].join(' '));
      if (type !== DATA || length === 0) finish();
      return true;
    },
    payload: (bytes, isLast) => {
      payload += Buffer.from(bytes).toString('hex');
      if (isLast) finish();
    },
  });
  for (const chunk of chunks) reader.read(chunk);
  return found;
}
