import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PluginError, type PluginErrorCode } from '../../src/errors.ts';
import { FLAG, INITIAL_WINDOW_BYTES } from '../../src/yamux/frame.ts';
import type { YamuxSession } from '../../src/yamux/yamux-session.ts';
import {
  ack,
  concat,
  data,
  eventsOf,
  fin,
  frame,
  goAway,
  output,
  ping,
  plain,
  receive,
  rst,
  session,
  syn,
  update,
} from './wire.ts';

const bytes = (length: number): Uint8Array => new Uint8Array(length);

/** A host session with stream 1 open and acknowledged. */
function established(): YamuxSession {
  const subject = session('host');
  subject.open(0);
  receive(subject, ack(1));
  output(subject);
  return subject;
}

function failure(code: PluginErrorCode): (error: unknown) => boolean {
  return (error) => error instanceof PluginError && error.code === code;
}

/** Asserts that frames of the peer end the session with this code. */
function assertEnds(subject: YamuxSession, code: PluginErrorCode, ...frames: Uint8Array[]): void {
  const [last] = receive(subject, ...frames).slice(-1);
  assert.ok(last?.kind === 'ended', 'the session ended');
  assert.equal(last.error?.code, code);
  assert.equal(subject.isEnded, true);
}

describe('opening streams', () => {
  it('numbers the streams of a host 1, 3, 5 and those of a plugin 2, 4, 6', () => {
    for (const [role, words] of [
      ['host', ['update 1 SYN', 'update 3 SYN', 'update 5 SYN']],
      ['plugin', ['update 2 SYN', 'update 4 SYN', 'update 6 SYN']],
    ] as const) {
      const subject = session(role);
      for (let count = 0; count < 3; count += 1) assert.equal(subject.open(0).kind, 'opened');
      assert.deepEqual(output(subject), words);
    }
  });

  it('accepts with one ACK, also when asked twice', () => {
    const subject = session('plugin');
    assert.deepEqual(receive(subject, syn(1)), [{ kind: 'stream', streamId: 1 }]);
    assert.equal(subject.accept(1), true);
    assert.equal(subject.accept(1), false);
    assert.deepEqual(output(subject), ['update 1 ACK']);
  });

  it('takes a SYN that comes with data, and a window that comes with a SYN', () => {
    const subject = session('plugin');
    assert.deepEqual(plain(receive(subject, data(1, 'id', FLAG.SYN))), [
      { kind: 'stream', streamId: 1 },
      { kind: 'data', streamId: 1, bytes: 'id' },
    ]);
    assert.deepEqual(receive(subject, update(FLAG.SYN, 3, 1000)), [{ kind: 'stream', streamId: 3 }]);
    subject.accept(3);
    assert.equal(subject.send(3, bytes(INITIAL_WINDOW_BYTES + 1000)), true);
  });

  it('sends data and FIN before the ACK came', () => {
    const subject = session('host');
    subject.open(0);
    subject.send(1, bytes(3));
    subject.finish(1, 0);
    assert.deepEqual(output(subject), ['update 1 SYN', 'data 1 "\0\0\0"', 'update 1 FIN']);
    assert.deepEqual(plain(receive(subject, ack(1), data(1, 'late'), fin(1))), [
      { kind: 'data', streamId: 1, bytes: 'late' },
      { kind: 'end', streamId: 1 },
    ]);
    assert.equal(subject.streamCount, 0);
  });

  it('ends the session when an ACK is missing after 75 s', () => {
    const subject = session('host');
    subject.open(0);
    subject.tick(30_000);
    receive(subject, ping(1, FLAG.ACK));
    subject.tick(60_000);
    receive(subject, ping(2, FLAG.ACK));
    subject.tick(74_999);
    assert.equal(subject.isEnded, false);
    assert.equal(subject.deadline(), 75_000);
    subject.tick(75_000);
    assert.deepEqual(plain(eventsOf(subject)).at(-1), { kind: 'ended', error: 'YAMUX_OPEN_TIMEOUT' });
  });

  it('waits once 256 streams are unacknowledged and says when to go on', () => {
    const subject = session('host');
    for (let count = 0; count < 256; count += 1) assert.equal(subject.open(0).kind, 'opened');
    assert.deepEqual(subject.open(0), { kind: 'refused', reason: 'backlog-full' });
    assert.deepEqual(receive(subject, ack(7)), [{ kind: 'open-possible' }]);
    assert.deepEqual(subject.open(0), { kind: 'opened', streamId: 513 });
    assert.deepEqual(subject.open(0), { kind: 'refused', reason: 'backlog-full' });
    assert.deepEqual(plain(receive(subject, rst(9))), [
      { kind: 'open-possible' },
      { kind: 'reset', streamId: 9, error: 'YAMUX_STREAM_RESET' },
    ]);
  });

  it('resets streams of the peer beyond 256 that nobody accepted', () => {
    const subject = session('plugin');
    const syns = Array.from({ length: 257 }, (_, index) => syn(2 * index + 1));
    assert.equal(receive(subject, ...syns).length, 256);
    assert.deepEqual(output(subject), ['update 513 RST']);
    subject.accept(1);
    assert.deepEqual(receive(subject, syn(515)), [{ kind: 'stream', streamId: 515 }]);
  });

  it('resets streams of the peer beyond the limit of live ones, and counts those that ended', () => {
    const subject = session('plugin', { maxStreams: 2 });
    receive(subject, syn(1), syn(3), syn(5));
    subject.accept(1);
    subject.accept(3);
    assert.deepEqual(output(subject), ['update 5 RST', 'update 1 ACK', 'update 3 ACK']);
    receive(subject, rst(1));
    assert.deepEqual(receive(subject, syn(7)), [{ kind: 'stream', streamId: 7 }]);
  });

  it('resets a stream of the peer whose number is ours', () => {
    const subject = session('host');
    assert.deepEqual(receive(subject, syn(9)), []);
    assert.deepEqual(output(subject), ['update 9 RST']);
  });

  it('opens nothing once it has ended', () => {
    const subject = session('host');
    subject.close();
    assert.deepEqual(subject.open(0), { kind: 'refused', reason: 'ended' });
  });
});

describe('windows', () => {
  it('sends no more than the peer granted and goes on when it grants more', () => {
    const subject = established();
    assert.equal(subject.send(1, bytes(INITIAL_WINDOW_BYTES + 10)), false);
    assert.equal(subject.send(1, bytes(5)), false);
    assert.deepEqual(
      output(subject),
      Array.from({ length: 4 }, () => 'data 1 "<65536>"'),
    );
    assert.deepEqual(receive(subject, update(0, 1, 12)), []);
    assert.deepEqual(output(subject), [`data 1 "${'\0'.repeat(12)}"`]);
    assert.deepEqual(receive(subject, update(0, 1, 100)), [{ kind: 'drained', streamId: 1 }]);
    assert.deepEqual(output(subject), ['data 1 "\0\0\0"']);
  });

  it('copies what it is given, sent or waiting', () => {
    const subject = established();
    const first = bytes(INITIAL_WINDOW_BYTES).fill(1);
    const second = bytes(4).fill(0x61);
    subject.send(1, first);
    subject.send(1, second);
    first.fill(2);
    second.fill(2);
    const sent = subject.takeOutput();
    assert.ok(sent?.subarray(12, 12 + 65_536).every((byte) => byte === 1));
    receive(subject, update(0, 1, 4));
    assert.deepEqual(output(subject), ['data 1 "aaaa"']);
  });

  it('refuses to let more wait than the limit, and then has sent nothing', () => {
    const subject = session('host', { maxSendQueueBytes: 100 });
    subject.open(0);
    assert.throws(() => subject.send(1, bytes(INITIAL_WINDOW_BYTES + 101)), failure('YAMUX_SEND_QUEUE_FULL'));
    assert.deepEqual(output(subject), ['update 1 SYN']);
    assert.equal(subject.send(1, bytes(INITIAL_WINDOW_BYTES + 100)), false);
    assert.throws(() => subject.send(1, bytes(1)), failure('YAMUX_SEND_QUEUE_FULL'));
  });

  it('grants window when half of it was consumed, and none for less', () => {
    const subject = established();
    receive(subject, data(1, bytes(INITIAL_WINDOW_BYTES)));
    subject.consumed(1, INITIAL_WINDOW_BYTES / 2 - 1);
    assert.deepEqual(output(subject), []);
    subject.consumed(1, 1);
    assert.deepEqual(output(subject), ['update 1 131072']);
    subject.consumed(1, INITIAL_WINDOW_BYTES / 2);
    assert.deepEqual(output(subject), ['update 1 131072']);
  });

  it('never grants more than was received', () => {
    const subject = established();
    receive(subject, data(1, bytes(10)));
    subject.consumed(1, INITIAL_WINDOW_BYTES);
    assert.deepEqual(output(subject), []);
  });

  it('ends the session when the window is overrun by one byte, before the payload arrives', () => {
    const subject = established();
    receive(subject, data(1, bytes(INITIAL_WINDOW_BYTES - 5)));
    assertEnds(subject, 'YAMUX_WINDOW_OVERRUN', frame(0, 0, 1, 6));
    assert.deepEqual(output(subject), ['go-away 1']);
  });

  it('ends the session when a granted window exceeds 32 bits', () => {
    assertEnds(established(), 'YAMUX_WINDOW_OVERRUN', update(0, 1, 0xffff_ffff));
  });

  it('gives streams with much to send their turns', () => {
    const subject = session('host', { maxOutputBytes: 400_000 });
    for (const streamId of [1, 3, 5]) {
      subject.open(0);
      receive(subject, ack(streamId), update(0, streamId, 10_000_000));
    }
    output(subject);
    for (const streamId of [1, 3, 5]) subject.send(streamId, bytes(500_000));
    const streams = output(subject).map((words) => words.split(' ')[1]);
    assert.deepEqual(new Set(streams.slice(3, 7)), new Set(['1', '3', '5']));
    assert.deepEqual(plain(eventsOf(subject)).length, 3);
  });

  it('holds at most half of the output limit in data while nobody takes it', () => {
    const subject = session('host', { maxOutputBytes: 100_000 });
    subject.open(0);
    subject.send(1, bytes(INITIAL_WINDOW_BYTES));
    assert.ok(subject.outputLength <= 50_100);
  });

  it('puts data written in a row for one stream into one frame', () => {
    const subject = established();
    subject.open(0);
    subject.send(1, new TextEncoder().encode('ab'));
    subject.send(1, new TextEncoder().encode('cd'));
    subject.send(3, new TextEncoder().encode('x'));
    subject.send(1, new TextEncoder().encode('e'));
    assert.deepEqual(output(subject), ['update 3 SYN', 'data 1 "abcd"', 'data 3 "x"', 'data 1 "e"']);
  });
});

describe('ending streams', () => {
  it('sends FIN once, behind the data that waits', () => {
    const subject = established();
    subject.send(1, bytes(INITIAL_WINDOW_BYTES + 1));
    subject.finish(1, 0);
    subject.finish(1, 0);
    assert.equal(output(subject).length, 4);
    receive(subject, update(0, 1, 1));
    assert.deepEqual(output(subject), ['data 1 "\0"', 'update 1 FIN']);
    subject.finish(1, 0);
    assert.deepEqual(output(subject), []);
  });

  it('takes no more data after finish', () => {
    const subject = established();
    subject.finish(1, 0);
    assert.throws(() => subject.send(1, bytes(1)), failure('YAMUX_STREAM_CLOSED'));
  });

  it('still reads after its own FIN, and forgets the stream after both', () => {
    const subject = established();
    subject.finish(1, 0);
    assert.deepEqual(plain(receive(subject, data(1, 'more'), data(1, 'last', FLAG.FIN))), [
      { kind: 'data', streamId: 1, bytes: 'more' },
      { kind: 'data', streamId: 1, bytes: 'last' },
      { kind: 'end', streamId: 1 },
    ]);
    assert.equal(subject.streamCount, 0);
    assert.deepEqual(
      receive(subject, fin(1), data(1, 'x'), update(0, 1, 5)),
      [],
      'frames for it are ignored',
    );
    assert.equal(subject.isEnded, false);
  });

  it('still sends after the peer’s FIN', () => {
    const subject = established();
    assert.deepEqual(receive(subject, fin(1)), [{ kind: 'end', streamId: 1 }]);
    subject.send(1, new TextEncoder().encode('answer'));
    subject.finish(1, 0);
    assert.deepEqual(output(subject), ['data 1 "answer"', 'update 1 FIN']);
    assert.equal(subject.streamCount, 0);
  });

  it('ends the session on a second FIN and on data after a FIN', () => {
    const subject = established();
    receive(subject, fin(1));
    assertEnds(subject, 'YAMUX_ILLEGAL_TRANSITION', fin(1));
    const other = established();
    receive(other, fin(1));
    assertEnds(other, 'YAMUX_ILLEGAL_TRANSITION', data(1, 'x'));
  });

  it('resets a stream alone', () => {
    const subject = established();
    subject.open(0);
    assert.deepEqual(plain(receive(subject, rst(1))), [
      { kind: 'reset', streamId: 1, error: 'YAMUX_STREAM_RESET' },
    ]);
    assert.equal(subject.isEnded, false);
    assert.equal(subject.streamCount, 1);
    assert.throws(() => subject.send(1, bytes(1)), failure('YAMUX_STREAM_CLOSED'));
    output(subject);
    subject.reset(3);
    subject.reset(3);
    assert.deepEqual(output(subject), ['update 3 RST']);
  });

  it('drops the rest of a payload once the stream was reset in its middle', () => {
    const subject = established();
    const message = data(1, 'first-second');
    assert.equal(receive(subject, message.slice(0, 17)).length, 1);
    subject.reset(1);
    assert.deepEqual(receive(subject, message.slice(17), ping(1)), []);
    assert.deepEqual(output(subject), ['update 1 RST', 'ping ACK 1']);
  });

  it('resets a stream whose peer does not end its half within 5 min', () => {
    const subject = established();
    subject.finish(1, 1000);
    output(subject);
    for (let now = 30_000; now < 300_000; now += 30_000) {
      subject.tick(now);
      receive(subject, ping(now / 30_000, FLAG.ACK));
    }
    assert.equal(subject.deadline(), 300_000, 'the next ping comes before');
    subject.tick(300_999);
    eventsOf(subject);
    subject.tick(301_000);
    assert.deepEqual(plain(eventsOf(subject)), [{ kind: 'reset', streamId: 1, error: 'YAMUX_STREAM_RESET' }]);
    assert.equal(output(subject).at(-1), 'update 1 RST');
  });
});

describe('the session', () => {
  it('answers a ping with its value', () => {
    const subject = session('plugin');
    assert.deepEqual(receive(subject, ping(0xffff_ffff)), []);
    assert.deepEqual(output(subject), ['ping ACK 4294967295']);
  });

  it('pings every 30 s and measures the answer', () => {
    const subject = session('host');
    assert.equal(subject.deadline(), 30_000);
    subject.tick(29_999);
    assert.deepEqual(output(subject), []);
    subject.tick(30_000);
    assert.deepEqual(output(subject), ['ping SYN 1']);
    assert.equal(subject.deadline(), 40_000);
    subject.receive(ping(1, FLAG.ACK), 30_007);
    assert.deepEqual(eventsOf(subject), [{ kind: 'pong', roundTripMs: 7 }]);
    assert.equal(subject.deadline(), 60_000);
  });

  it('ends when no pong comes within 10 s; an answer to another ping is none', () => {
    const subject = session('host');
    subject.tick(30_000);
    assert.deepEqual(receive(subject, ping(99, FLAG.ACK)), []);
    subject.tick(39_999);
    assert.equal(subject.isEnded, false);
    subject.tick(40_000);
    assert.deepEqual(plain(eventsOf(subject)), [{ kind: 'ended', error: 'YAMUX_KEEPALIVE_TIMEOUT' }]);
    assert.equal(subject.deadline(), undefined);
  });

  it('opens no streams after go-away 0 but lets old ones go on', () => {
    const subject = established();
    assert.deepEqual(receive(subject, goAway(0), goAway(0)), [{ kind: 'go-away' }]);
    assert.deepEqual(subject.open(0), { kind: 'refused', reason: 'going-away' });
    assert.deepEqual(plain(receive(subject, data(1, 'still'))), [
      { kind: 'data', streamId: 1, bytes: 'still' },
    ]);
    subject.send(1, bytes(1));
    assert.deepEqual(output(subject), ['data 1 "\0"']);
  });

  for (const code of [1, 2, 7]) {
    it(`ends on go-away ${code}`, () => assertEnds(established(), 'YAMUX_GO_AWAY', goAway(code)));
  }

  it('refuses new streams after its own go-away, which it sends once', () => {
    const subject = session('plugin');
    subject.goAway();
    subject.goAway();
    assert.deepEqual(receive(subject, syn(1)), []);
    assert.deepEqual(output(subject), ['go-away 0', 'update 1 RST']);
  });

  it('ends with a go-away on a version, a type or a stream 0 that cannot be', () => {
    for (const bad of [frame(0, 0, 1, 0, 1), frame(9, 0, 1, 0), syn(0)]) {
      const subject = session('plugin');
      assertEnds(subject, 'YAMUX_BAD_FRAME', bad);
      assert.deepEqual(output(subject), ['go-away 1']);
    }
  });

  it('ends when a stream is opened twice', () => {
    const subject = session('plugin');
    assertEnds(subject, 'YAMUX_ILLEGAL_TRANSITION', syn(1), syn(1));
  });

  it('drains frames for unknown streams', () => {
    const subject = session('plugin');
    assert.deepEqual(receive(subject, data(77, bytes(300_000)), fin(77), rst(77), update(0, 77, 5)), []);
    receive(subject, ping(3));
    assert.deepEqual(output(subject), ['ping ACK 3']);
  });

  it('ignores a second ACK', () => {
    const subject = established();
    assert.deepEqual(receive(subject, ack(1), ack(1)), []);
    assert.equal(subject.isEnded, false);
  });

  it('ends when the peer floods it with pings and reads no answer', () => {
    const subject = session('plugin', { maxOutputBytes: 12_000 });
    const flood = concat(...Array.from({ length: 1000 }, (_, value) => ping(value)));
    assert.deepEqual(receive(subject, flood), []);
    assert.equal(output(subject).length, 1000);
    receive(subject, flood);
    assertEnds(subject, 'YAMUX_CONTROL_FLOOD', flood);
  });

  it('ends when the peer sends frames without data without end, though it reads the answers', () => {
    const limits = { maxControlFramesPerSecond: 100 };
    for (const frame of [ping(1), update(0, 1, 0), data(1, bytes(0)), rst(77), syn(1)]) {
      const subject = session('plugin', limits);
      const flood = concat(...Array.from({ length: 100 }, () => frame));
      receive(subject, syn(3));
      subject.receive(concat(...Array.from({ length: 98 }, (_, value) => ping(value))), 0);
      assert.equal(subject.isEnded, false);
      subject.receive(flood, 500);
      const ended = eventsOf(subject).at(-1);
      assert.ok(ended?.kind === 'ended' && subject.isEnded);
    }
  });

  it('takes frames without data at the rate that is allowed for ever', () => {
    const subject = session('plugin', { maxControlFramesPerSecond: 100 });
    for (let second = 0; second < 10; second += 1) {
      subject.receive(concat(...Array.from({ length: 100 }, (_, value) => ping(value))), second * 1000);
      assert.equal(subject.isEnded, false);
      subject.takeOutput();
    }
    receive(subject, data(77, bytes(1)));
    assert.equal(subject.isEnded, false);
  });

  it('closes without a go-away, as go-plugin does, and is silent afterwards', () => {
    const subject = established();
    subject.finish(1, 0);
    subject.close();
    subject.close();
    assert.deepEqual(plain(eventsOf(subject)), [{ kind: 'ended', error: undefined }]);
    assert.deepEqual(output(subject), ['update 1 FIN']);
    assert.deepEqual(receive(subject, syn(2), ping(1)), []);
    subject.tick(1e9);
    subject.ping(1e9);
    subject.goAway();
    subject.consumed(1, 1e6);
    assert.throws(() => subject.send(1, bytes(1)), failure('YAMUX_SESSION_ENDED'));
    assert.deepEqual(output(subject), []);
  });

  it('takes nothing after the frame that ended it', () => {
    const subject = established();
    assert.deepEqual(plain(receive(subject, data(1, 'a'), goAway(2), data(1, 'b'))), [
      { kind: 'data', streamId: 1, bytes: 'a' },
      { kind: 'ended', error: 'YAMUX_GO_AWAY' },
    ]);
  });

  it('behaves the same wherever received bytes are cut', () => {
    const received = concat(
      ack(1),
      data(1, 'hello'),
      syn(2),
      data(4, 'opened by data', FLAG.SYN),
      ping(5),
      data(1, 'the end', FLAG.FIN),
      rst(2),
      goAway(0),
    );
    /** Events with payload parts joined, and output. */
    const run = (chunks: readonly Uint8Array[]): unknown => {
      const subject = session('host');
      subject.open(0);
      const events: unknown[] = [];
      let text = '';
      for (const chunk of chunks) {
        for (const event of receive(subject, chunk)) {
          if (event.kind === 'data') text += `${event.streamId}:${describeBytes(event.bytes)}`;
          else events.push(...plain([event]));
        }
      }
      return { events, text: text.replaceAll(/[14]:/g, ''), output: output(subject) };
    };
    const whole = run([received]);
    for (let at = 0; at <= received.length; at += 1) {
      assert.deepEqual(run([received.slice(0, at), received.slice(at)]), whole, `cut at ${at}`);
    }
    assert.deepEqual(run([...received].map((byte) => new Uint8Array([byte]))), whole);
  });
});

function describeBytes(payload: Uint8Array): string {
  return new TextDecoder().decode(payload);
}
