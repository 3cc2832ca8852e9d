import assert from 'node:assert/strict';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { startCapturingSink } from './support/capturing-sink.ts';
import { ACCOUNT, configText } from './support/config.ts';
import { go, goProgram, ROOT } from './support/go-programs.ts';
import { lines } from './support/messages.ts';
import { RouterProcess } from './support/router-process.ts';
import { scratchFolder } from './support/scratch.ts';
import { sendWithSmtplib } from './support/senders.ts';
import { SmtpSink } from './support/smtp-sink.ts';
import { hasTools } from './support/tools.ts';

const LIMIT = { timeout: 300_000 };
const MESSAGE = lines('Subject: routed', '', 'Hello.');
const TOOLS = ['go', 'python3', 'smtp-sink'];

describe('compiled Go plugins under the router', () => {
  for (const name of ['round_robin', 'round_robin_list']) {
    it(`${name} spreads 40 messages evenly over two downstreams`, LIMIT, async (t) => {
      if (!hasTools(t, TOOLS)) return;
      const plugin = await goProgram('plugins', `./${name}`);
      const folder = await scratchFolder(t);
      const sinks = [await SmtpSink.start(t, folder), await SmtpSink.start(t, folder)];
      const config = configText({
        sinks: sinks.map(({ port }) => port),
        selector: 'mine',
        plugin: { plugin },
      });
      const router = await RouterProcess.start(t, { folder, config });
      const ready = await router.pluginWhen('ready', 10_000, ({ state }) => state === 'ready');
      const file = join(folder, 'message.eml');
      await writeFile(file, MESSAGE);
      const port = await router.port();
      const results = await sendWithSmtplib({ port, ...ACCOUNT, recipients: ['a@example.net'], file }, 40, 4);
      assert.deepEqual(
        results.filter(({ code }) => code !== 250),
        [],
      );
      const counts = await Promise.all(sinks.map(async (sink) => (await sink.take()).length));
      assert.deepEqual(counts, [20, 20]);
      const { plugins } = await router.status();
      assert.deepEqual([plugins[0]?.pid, plugins[0]?.starts], [ready.pid, 1], 'one process served all');
    });
  }
});

describe('the recipe of the plugin page, typed literally', () => {
  it(
    'builds my_strategy in a new directory and routes mail with a config.yaml of smtpmux',
    LIMIT,
    async (t) => {
      if (!hasTools(t, ['go', 'python3'])) return;
      const folder = await scratchFolder(t);
      await mkdir(join(folder, 'sdk'));
      await cp(join(ROOT, 'plugins'), join(folder, 'plugins'), { recursive: true });
      await cp(join(ROOT, 'sdk/go'), join(folder, 'sdk/go'), { recursive: true });
      const strategy = join(folder, 'plugins/my_strategy');
      await mkdir(strategy);
      await writeFile(join(strategy, 'main.go'), await mainGoOf(join(ROOT, 'plugins/README.md')));
      await go(strategy, 'build', '-o', 'my-plugin', '.');

      const sinks = [await startCapturingSink(t), await startCapturingSink(t)];
      const config = SMTPMUX_CONFIG.replace('1026', String(sinks[0]?.port)).replace(
        '1027',
        String(sinks[1]?.port),
      );
      const router = await RouterProcess.start(t, {
        folder: strategy,
        config,
        args: ['--listen', '127.0.0.1:0'],
      });
      await router.pluginWhen('ready', 10_000, ({ state }) => state === 'ready');
      const file = join(folder, 'message.eml');
      await writeFile(file, MESSAGE);
      const submission = {
        user: 'test@user.com',
        password: 'password123',
        recipients: ['a@example.net'],
        file,
      };
      const results = await sendWithSmtplib({ port: await router.port(), ...submission }, 4, 1);
      assert.deepEqual(
        results.map(({ code }) => code),
        [250, 250, 250, 250],
      );
      const taken = sinks.map(({ contents }) => contents.length);
      assert.equal((taken[0] ?? 0) + (taken[1] ?? 0), 4);
    },
  );
});

/** The file as its users have it, but for ports and the plugin's place. */
const SMTPMUX_CONFIG = `users:
  - email: "test@user.com"
    password: "password123"
    selector_algo_path: "./my-plugin"
    downstreams:
      - addr: "localhost:1026"
        user: "any"
        pass: "any"
      - addr: "localhost:1027"
        user: "any"
        pass: "any"
admin: { address: "127.0.0.1:0" }
`;

/** The first Go program of a page. */
async function mainGoOf(page: string): Promise<string> {
  const blocks = (await readFile(page, 'utf8')).matchAll(/^```go\n([\s\S]*?)^```/gm);
  const program = [...blocks].map(([, block]) => block ?? '').find((block) => block.includes('package main'));
  assert.ok(program, `${page} shows no complete main.go`);
  return program;
}
