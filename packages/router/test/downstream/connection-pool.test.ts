import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AttemptLimit } from '../../src/downstream/attempt-limit.ts';
import { ConnectionPool } from '../../src/downstream/connection-pool.ts';
import { StopSignal } from '../../src/stop-signal.ts';
import { TestClock } from '../test-clock.ts';

function setUp(maxConnections: number) {
  const clock = new TestClock();
  const pool = new ConnectionPool<string>({ maxConnections, clock });
  const limit = new AttemptLimit(clock, 1_000);
  return { clock, pool, limit };
}

const EMPTY = { kind: 'granted', connection: undefined } as const;
const TOO_LATE = { kind: 'too-late' } as const;

test('Turns are given at once while there are places', async () => {
  const { pool, limit } = setUp(2);
  assert.deepEqual(await pool.take(limit), EMPTY);
  assert.deepEqual(await pool.take(limit), EMPTY);
});

test('A kept connection comes with the next turn, the youngest first', async () => {
  const { pool, limit } = setUp(2);
  await pool.take(limit);
  await pool.take(limit);
  pool.keep('old');
  pool.keep('young');
  assert.deepEqual(await pool.take(limit), { kind: 'granted', connection: 'young' });
  assert.deepEqual(await pool.take(limit), { kind: 'granted', connection: 'old' });
});

test('Who waits is served in order of arrival', async () => {
  const { pool, limit } = setUp(1);
  await pool.take(limit);
  const order: string[] = [];
  const first = Promise.resolve(pool.take(limit)).then(() => order.push('first'));
  const second = Promise.resolve(pool.take(limit)).then(() => order.push('second'));
  pool.keep('c');
  await first;
  pool.giveUp();
  await second;
  assert.deepEqual(order, ['first', 'second']);
});

test('A turn that ends without a connection lets the next one open its own', async () => {
  const { pool, limit } = setUp(1);
  await pool.take(limit);
  const waiting = pool.take(limit);
  pool.giveUp();
  assert.deepEqual(await waiting, EMPTY);
});

test('Nobody waits beyond the deadline', async () => {
  const { clock, pool, limit } = setUp(1);
  await pool.take(limit);
  const waiting = pool.take(limit);
  clock.advance(999);
  assert.equal(clock.pending, 1);
  clock.advance(1);
  assert.deepEqual(await waiting, TOO_LATE);
  assert.equal(pool.keep('c'), true);
  assert.deepEqual(await pool.take(limit), { kind: 'granted', connection: 'c' });
});

test('Nobody waits beyond an abort', async () => {
  const { clock, pool } = setUp(1);
  const abort = new StopSignal();
  const limit = new AttemptLimit(clock, 1_000, abort);
  await pool.take(limit);
  const waiting = pool.take(limit);
  abort.stop();
  assert.deepEqual(await waiting, TOO_LATE);
  assert.equal(clock.pending, 0);
});

test('An idle connection that closes frees its place', async () => {
  const { pool, limit } = setUp(1);
  await pool.take(limit);
  pool.keep('c');
  pool.forget('c');
  pool.forget('c');
  assert.deepEqual(await pool.take(limit), EMPTY);
  const waiting = pool.take(limit);
  pool.giveUp();
  assert.deepEqual(await waiting, EMPTY);
});

test('A closed pool answers its idle connections, refuses waiters and keeps nothing', async () => {
  const { pool, limit } = setUp(2);
  await pool.take(limit);
  await pool.take(limit);
  pool.keep('idle');
  await pool.take(limit);
  const waiting = pool.take(limit);
  pool.keep('given to the waiter');
  assert.deepEqual(await waiting, { kind: 'granted', connection: 'given to the waiter' });
  pool.keep('idle');
  assert.deepEqual(pool.close(), ['idle']);
  assert.deepEqual(await pool.take(limit), { kind: 'closed' });
  assert.equal(pool.keep('late'), false);
});
