import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { RawClient } from './raw-client.ts';

const PROGRAM = fileURLToPath(new URL('./listening-program.ts', import.meta.url));
const LIMIT = 48;

test('when file descriptors run out, new connections are dropped, old ones served, and it recovers', async (t) => {
  const child = spawn('/bin/sh', ['-c', `ulimit -n ${LIMIT} && exec "$0" "$1"`, process.execPath, PROGRAM], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (kind: string): Promise<Record<string, unknown>> => {
    for (;;) {
      const line = await lines.next();
      assert.ok(line.done !== true, `the listener ended before ${kind}`);
      const event: Record<string, unknown> = JSON.parse(line.value);
      if (event['kind'] === kind) return event;
    }
  };
  const port = Number((await next('listening'))['port']);
  const clients: RawClient[] = [];
  for (let count = 0; count < LIMIT; count += 1) clients.push(await RawClient.connect(port));
  const greetings = await Promise.all(clients.map((client) => client.reply()));
  const served = clients.filter((_, index) => greetings[index]?.startsWith('220 '));
  // Node itself accepts and closes what there is no descriptor for: nobody waits in vain.
  assert.ok(served.length > 0 && served.length < LIMIT, `${served.length} of ${LIMIT} were served`);
  for (const client of served) assert.equal(await client.ask('NOOP'), '250');

  const freed = next('session-closed');
  for (const client of clients) client.stream.destroy();
  await freed;
  const newcomer = await untilGreeted(port);
  assert.equal(await newcomer.ask('NOOP'), '250');
  newcomer.stream.destroy();
  child.stdin.end();
  assert.deepEqual(await once(child, 'exit'), [0, null]);
});

/** Descriptors come free one after the other; the first connection may still be turned away. */
async function untilGreeted(port: number): Promise<RawClient> {
  for (;;) {
    const client = await RawClient.connect(port);
    if ((await client.reply()).startsWith('220 ')) return client;
    client.stream.destroy();
  }
}
