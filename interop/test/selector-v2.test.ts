import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { launchPlugin } from '@smtp-router/go-plugin/host';
import {
  openSelectorPlugin,
  SELECTOR_HANDSHAKE,
  SELECTOR_VERSIONS,
  type SelectorPlugin,
} from '@smtp-router/selector/host';
import { requestFor } from '@smtp-router/selector/testing';
import golden from '../../packages/selector/test/fixtures/selector-v2-go.json' with { type: 'json' };
import { startCapturingSink } from './support/capturing-sink.ts';
import { ACCOUNT, configText } from './support/config.ts';
import { GO_PLUGIN_VERSIONS, goProgram, ROOT } from './support/go-programs.ts';
import { lines } from './support/messages.ts';
import { output } from './support/output.ts';
import { RouterProcess } from './support/router-process.ts';
import { scratchFolder } from './support/scratch.ts';
import { type HostReportV2, runHostV2 } from './support/selector-host.ts';
import { sendWithSmtplib } from './support/senders.ts';
import { hasTools } from './support/tools.ts';

const LIMIT = { timeout: 300_000 };
const CALL = { timeoutMs: 10_000 };
const TRANSPORTS = ['netrpc', 'grpc'] as const;

/** Transport, flags of `selector-host` for it, and what secures it. */
const CONNECTIONS = TRANSPORTS.flatMap((transport) => [
  [transport, [], 'in clear'] as const,
  [transport, ['-auto-mtls'], 'with AutoMTLS'] as const,
]);

describe('Go plugins of version 2 under our host', () => {
  it('by_recipient_domain is configured, and splits a message', LIMIT, async (t) => {
    if (!hasTools(t, ['go'])) return;
    await withGoPlugin(
      { name: 'by_recipient_domain', json: '{"domains":{"example.org":["own"]}}' },
      async (selector) => {
        assert.equal(selector.description?.name, 'by recipient domain');
        const request = requestFor({
          to: ['a@example.com', 'b@EXAMPLE.org'],
          downstreams: ['ses', 'own'],
        });
        assert.deepEqual(await selector.select(request, CALL), {
          kind: 'route',
          routes: [
            { recipientIds: [1], candidateIds: ['own'] },
            { recipientIds: [0], candidateIds: ['ses', 'own'] },
          ],
          reason: 'by recipient domain',
        });
      },
    );
  });

  it('by_recipient_domain refuses a configuration by path', LIMIT, async (t) => {
    if (!hasTools(t, ['go'])) return;
    await assert.rejects(
      withGoPlugin({ name: 'by_recipient_domain', json: '{"domains":{"a.b":[]}}' }, () => Promise.resolve()),
      /at domains\["a\.b"\]: names no downstream/,
    );
  });

  it('cheapest_healthy goes by state and price, many calls at a time', LIMIT, async (t) => {
    if (!hasTools(t, ['go'])) return;
    await withGoPlugin({ name: 'cheapest_healthy', json: '' }, async (selector) => {
      const request = requestFor({
        downstreams: [
          { id: 'dear', cost: 1.5, hasCost: true },
          { id: 'down', cost: 0, hasCost: true, state: 'down' },
          { id: 'cheap', cost: 0.1, hasCost: true, labels: { region: 'eu' } },
        ],
      });
      const replies = await Promise.all(Array.from({ length: 64 }, () => selector.select(request, CALL)));
      for (const reply of replies) {
        assert.deepEqual(reply.kind === 'route' && reply.routes[0]?.candidateIds, ['cheap', 'dear', 'down']);
      }
    });
  });

  it('what gob makes of the messages is what was recorded', LIMIT, async (t) => {
    if (!hasTools(t, ['go'])) return;
    const program = await goProgram('sdk/go', './internal/golden');
    for (const entry of golden) assert.deepEqual(JSON.parse(await output(program, [entry.name])), entry);
  });
});

describe('a Go plugin of version 2 under the router', () => {
  it(
    'routes by domain; a message that needs two routes is deferred before a downstream sees it',
    LIMIT,
    async (t) => {
      if (!hasTools(t, ['go', 'python3'])) return;
      const folder = await scratchFolder(t);
      const sinks = [await startCapturingSink(t), await startCapturingSink(t)];
      const config = configText({
        sinks: sinks.map(({ port }) => port),
        selector: 'mine',
        plugin: {
          plugin: await goProgram('plugins', './by_recipient_domain'),
          config: { domains: { 'example.org': ['second'] } },
        },
      });
      const router = await RouterProcess.start(t, { folder, config });
      await router.pluginWhen('ready', 10_000, ({ state }) => state === 'ready');
      const file = join(folder, 'message.eml');
      await writeFile(file, lines('Subject: routed', '', 'Hello.'));
      const port = await router.port();
      const codes = async (...recipients: readonly string[]): Promise<readonly number[]> => {
        const results = await sendWithSmtplib({ port, ...ACCOUNT, recipients, file }, 1, 1);
        return results.map(({ code }) => code);
      };
      assert.deepEqual(await codes('a@example.org'), [250]);
      assert.deepEqual(await codes('a@example.com', 'b@example.com'), [250]);
      assert.deepEqual(await codes('a@example.com', 'b@example.org'), [451]);
      assert.deepEqual(
        sinks.map(({ contents }) => contents.length),
        [1, 1],
      );
    },
  );
});

describe('a TypeScript plugin of version 2 under a host written in Go', () => {
  const config = '{"example.org":"two"}';

  for (const version of GO_PLUGIN_VERSIONS) {
    for (const [transport, flags, security] of CONNECTIONS) {
      it(
        `go-plugin ${version} asks it over ${transport} ${security}, and is answered routes`,
        LIMIT,
        async (t) => {
          if (!hasTools(t, ['go'])) return;
          const question = [...flags, '-config', config, '-recipients', 'a@example.com b@example.org'];
          const report = await runHost({ version, transport, question });
          assert.equal(report.error, '');
          assert.deepEqual([report.library, report.protocol, report.version], [version, transport, 2]);
          assert.deepEqual(report.v2.description, {
            contractVersion: 2,
            name: 'domain',
            version: '1',
            headers: ['X-Block'],
          });
          const reply = {
            routes: [
              { recipients: [0], candidates: ['one', 'two'] },
              { recipients: [1], candidates: ['two'] },
            ],
            verdict: 0,
            code: 0,
            text: '',
            reason: 'by domain',
          };
          assert.deepEqual(report.v2.replies, [reply, reply]);
          assert.ok(report.exited);
          assert.ok(report.killMs < 2000, `Kill took ${report.killMs} ms: the process had to be forced`);
          assert.deepEqual(report.hostLog, []);
        },
      );
    }
  }

  for (const transport of TRANSPORTS) {
    it(`is answered a verdict over ${transport}`, LIMIT, async (t) => {
      if (!hasTools(t, ['go'])) return;
      const question = ['-recipients', 'a@example.com', '-header', 'X-Block: yes'];
      const { v2 } = await runHost({ version: '1.8.0', transport, question });
      const reply = { routes: null, verdict: 2, code: 554, text: 'Blocked', reason: 'blocked Hello' };
      assert.deepEqual(v2.replies, [reply, reply]);
    });

    it(`is told over ${transport} what is wrong with a configuration`, LIMIT, async (t) => {
      if (!hasTools(t, ['go'])) return;
      const question = ['-config', '{"example.org":7}'];
      const { v2 } = await runHost({ version: '1.8.0', transport, question });
      assert.deepEqual(v2.problems, [{ path: '["example.org"]', message: 'must name a downstream' }]);
      assert.deepEqual(v2.replies, []);
    });
  }
});

interface TypeScriptRun {
  readonly version: (typeof GO_PLUGIN_VERSIONS)[number];
  readonly transport: (typeof TRANSPORTS)[number];
  readonly question: readonly string[];
}

function runHost({ version, transport, question }: TypeScriptRun): Promise<HostReportV2> {
  const command = [process.execPath, join(ROOT, 'interop/plugins/domain.ts'), transport];
  return runHostV2({ version, question, command });
}

async function withGoPlugin(
  { name, json }: { readonly name: string; readonly json: string },
  use: (selector: SelectorPlugin) => Promise<void>,
): Promise<void> {
  const plugin = await launchPlugin({
    name,
    command: await goProgram('plugins', `./${name}`),
    handshake: SELECTOR_HANDSHAKE,
    versions: SELECTOR_VERSIONS,
    startTimeoutMs: 30_000,
  });
  try {
    const settings = { json, locate: (path: string) => `at ${path}` };
    await use(await openSelectorPlugin(plugin, { name, tail: 'rest', dispenseTimeoutMs: 10_000, settings }));
  } finally {
    await plugin.kill();
  }
}
