import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { startCapturingSink } from './support/capturing-sink.ts';
import { GO_PLUGIN_VERSIONS, goProgramWith } from './support/go-programs.ts';
import { lines } from './support/messages.ts';
import { RouterProcess } from './support/router-process.ts';
import { scratchFolder } from './support/scratch.ts';
import { sendWithSmtplib } from './support/senders.ts';
import { hasTools } from './support/tools.ts';

const LIMIT = { timeout: 300_000 };
const PASSWORD = 'client-secret-7Q';

/** What the plugin answers; each is a selector of its own, used by a user of its own. */
const SHAPES = ['address', 'list'] as const;

describe('the router runs plugins built with older versions of go-plugin as it runs those of the newest', () => {
  for (const version of GO_PLUGIN_VERSIONS) {
    it(`go-plugin ${version}: both shapes of answer spread mail evenly`, LIMIT, async (t) => {
      if (!hasTools(t, ['go', 'python3'])) return;
      const program = await goProgramWith(version, './cmd/turn-plugin');
      const folder = await scratchFolder(t);
      const sinks = [await startCapturingSink(t), await startCapturingSink(t)];
      const config = configOf(
        program,
        sinks.map(({ port }) => port),
      );
      const router = await RouterProcess.start(t, { folder, config });
      for (const name of SHAPES) {
        await router.pluginWhen(
          `ready: ${name}`,
          10_000,
          (plugin) => plugin.name === name && plugin.state === 'ready',
        );
      }
      const file = join(folder, 'message.eml');
      await writeFile(file, lines('Subject: routed', '', 'Hello.'));
      const port = await router.port();
      for (const name of SHAPES) {
        const before = sinks.map(({ contents }) => contents.length);
        const user = userOf(name);
        const submission = { port, user, password: PASSWORD, recipients: ['a@example.net'], file };
        const results = await sendWithSmtplib(submission, 6, 2);
        assert.deepEqual(
          results.map(({ code }) => code),
          [250, 250, 250, 250, 250, 250],
        );
        const taken = sinks.map(({ contents }, index) => contents.length - (before[index] ?? 0));
        assert.deepEqual(taken, [3, 3], name);
      }
      const { plugins } = await router.status();
      assert.deepEqual(
        plugins.map(({ starts }) => starts),
        [1, 1],
        'one process each served all',
      );
    });
  }
});

function userOf(selector: string): string {
  return `${selector}@example.com`;
}

function configOf(program: string, sinks: readonly number[]): string {
  return JSON.stringify({
    hostname: 'router.example.com',
    listen: [{ address: '127.0.0.1:0' }],
    users: SHAPES.map((name) => ({ email: userOf(name), password: PASSWORD, selector: name })),
    downstreams: Object.fromEntries(
      sinks.map((port) => [`sink${port}`, { addr: `127.0.0.1:${port}`, tls: 'off' }]),
    ),
    selectors: Object.fromEntries(SHAPES.map((name) => [name, { command: [program, '-shape', name] }])),
    admin: { address: '127.0.0.1:0' },
    log: { level: 'debug', format: 'json' },
    state_dir: './state',
  });
}
