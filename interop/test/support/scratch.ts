/**
 * Small needs of a test: a folder of its own, a free port, waiting for something that has no event.
 */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';

const endings = new WeakMap<TestContext, (() => unknown)[]>();

/**
 * Does something after the test, before everything that was asked for earlier: what was opened last is closed first,
 * where `t.after` would begin with the first.
 */
export function atEnd(t: TestContext, ending: () => unknown): void {
  const known = endings.get(t);
  if (known !== undefined) {
    known.push(ending);
    return;
  }
  const all = [ending];
  endings.set(t, all);
  t.after(async () => {
    const failures: unknown[] = [];
    for (const each of all.reverse()) {
      try {
        await each();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, 'not everything could be closed');
  });
}

/** A folder that is removed after the test. Others may enter it: smtp-sink drops its privileges. */
export async function scratchFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'smtp-router-interop-'));
  await chmod(folder, 0o755);
  atEnd(t, () => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A port of 127.0.0.1 nobody listens on now, for programs that cannot choose one themselves. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return address.port;
}

/** True when somebody listens on a port of 127.0.0.1, undefined when nobody does. */
export function tryConnect(port: number): Promise<true | undefined> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(undefined));
  });
}

/**
 * Asks every 25 ms until there is an answer; for other processes' doings, which send us no event. Rejects with
 * `what` when `timeoutMs` have passed.
 */
export async function waitFor<T>(
  what: string,
  timeoutMs: number,
  ask: () => Promise<T | undefined>,
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > deadline) throw new Error(`no ${what} within ${timeoutMs} ms`);
    await delay(25);
  }
}
