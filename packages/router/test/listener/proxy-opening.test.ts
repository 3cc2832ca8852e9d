import assert from 'node:assert/strict';
import { duplexPair } from 'node:stream';
import { test } from 'node:test';
import { openByProxyHeader, type ProxyOpening } from '../../src/listener/proxy-opening.ts';
import { TestClock } from '../test-clock.ts';

const HEADER = Buffer.from('PROXY TCP4 192.0.2.7 198.51.100.1 56324 25\r\n');

function opening() {
  const [near, far] = duplexPair();
  const clock = new TestClock();
  const { promise, resolve } = Promise.withResolvers<ProxyOpening>();
  openByProxyHeader(near, { clock, timeoutMs: 1_000 }, resolve);
  return { near, far, clock, ended: promise };
}

test('however it is cut, the header goes and what follows stays', async () => {
  const sent = Buffer.concat([HEADER, Buffer.from('EHLO x\r\n')]);
  for (let cut = 1; cut < sent.length; cut += 1) {
    const { near, far, clock, ended } = opening();
    far.write(sent.subarray(0, cut));
    far.end(sent.subarray(cut));
    assert.deepEqual(await ended, { kind: 'opened', clientAddress: '192.0.2.7' });
    assert.equal(Buffer.concat(await near.toArray()).toString(), 'EHLO x\r\n', `cut at ${cut}`);
    assert.equal(clock.pending, 0);
  }
});

test('a balancer that speaks for itself names no client', async () => {
  const { far, ended } = opening();
  far.write('PROXY UNKNOWN\r\n');
  assert.deepEqual(await ended, { kind: 'opened', clientAddress: undefined });
});

test('what is no header is refused, and so is one that does not come in time', async () => {
  const wrong = opening();
  wrong.far.write('EHLO client\r\n');
  assert.equal((await wrong.ended).kind, 'refused');
  const late = opening();
  late.far.write(HEADER.subarray(0, 20));
  late.clock.advance(1_000);
  assert.deepEqual(await late.ended, { kind: 'refused', message: 'no complete PROXY header came in time' });
});

test('a balancer that closes first is gone', async () => {
  const half = opening();
  half.far.end(HEADER.subarray(0, 20));
  assert.deepEqual(await half.ended, { kind: 'gone' });
  const broken = opening();
  broken.near.on('error', () => {});
  broken.near.destroy(new Error('reset'));
  assert.deepEqual(await broken.ended, { kind: 'gone' });
  assert.equal(broken.clock.pending, 0);
});
