/** The demo as people start it, and the copy of its plugin that ships with the package. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { firstFreePort } from '../../src/demo/free-port.ts';
import { MailSink } from '../support/mail-sink.ts';
import { RunningCommand } from '../support/run-command.ts';
import { TestRouter } from '../support/test-router.ts';

const demoDirectories = () => readdirSync(tmpdir()).filter((name) => name.startsWith('smtp-router-demo-'));

test('demo --exit routes six mails in turn, tells of each, and leaves nothing behind', async () => {
  const before = demoDirectories();
  const { code, stdout, stderr } = await new RunningCommand(['demo', '--exit']).ended;
  assert.equal(code, 0, stderr);
  const takers = [
    ...stdout.matchAll(
      /^mail +\d+ → (one|two) \(127\.0\.0\.1:\d+\), \d+ ms: .+: (?:one|two), then (?:one|two)$/gm,
    ),
  ];
  assert.deepEqual(
    takers.map(([, taker]) => taker),
    ['one', 'two', 'one', 'two', 'one', 'two'],
    stdout,
  );
  assert.match(stdout, /listens on 127\.0\.0\.1:\d+; login demo@example\.com, password demo-password/);
  assert.match(
    stdout,
    / {2}npx smtp-router send -c \S+config\.yaml --user demo@example\.com --to you@example\.org\n/,
  );
  assert.deepEqual(demoDirectories(), before);
});

test('a busy port is said and the next free one is taken', async () => {
  const busy = createServer();
  await new Promise<void>((resolve) => busy.listen(0, '127.0.0.1', resolve));
  const address = busy.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  try {
    const found = await firstFreePort(port);
    assert.ok(found === 0 || found > port);
  } finally {
    busy.close();
  }
});

test('the plugin that ships with the package spreads mail evenly too', async () => {
  const sinks = [await MailSink.open(), await MailSink.open()];
  const selector = fileURLToPath(new URL('../../src/demo/round-robin.ts', import.meta.url));
  const router = await TestRouter.start({ sinks, selector });
  try {
    const client = await router.client();
    for (let count = 0; count < 4; count += 1) assert.match(await client.send(), /^250 /);
    client.drop();
    assert.deepEqual(
      sinks.map((sink) => sink.mails.length),
      [2, 2],
    );
  } finally {
    await router.stop();
    await Promise.all(sinks.map((sink) => sink.close()));
  }
});
