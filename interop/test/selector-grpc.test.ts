import assert from 'node:assert/strict';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { PluginError } from '@smtp-router/go-plugin/errors';
import { type AutoMtls, launchPlugin, type PluginExit } from '@smtp-router/go-plugin/host';
import type { SelectRequest } from '@smtp-router/selector/contract';
import {
  openSelectorPlugin,
  SELECTOR_HANDSHAKE,
  SELECTOR_VERSIONS,
  type SelectorPlugin,
} from '@smtp-router/selector/host';
import { requestFor, viewWith } from '@smtp-router/selector/testing';
import fc from 'fast-check';
import { arbitraryRequest } from '../../packages/selector/test/wire/v2/arbitrary-request.ts';
import { startCapturingSink } from './support/capturing-sink.ts';
import { ACCOUNT, configText } from './support/config.ts';
import { GO_PLUGIN_VERSIONS, goProgram, ROOT } from './support/go-programs.ts';
import { lines } from './support/messages.ts';
import { output } from './support/output.ts';
import { pythonPackages, requirementsOf } from './support/python-packages.ts';
import { RouterProcess } from './support/router-process.ts';
import { scratchFolder } from './support/scratch.ts';
import { runHostV2 } from './support/selector-host.ts';
import { sendWithSmtplib } from './support/senders.ts';
import { hasTools, lacksNothing, tool } from './support/tools.ts';

const LIMIT = { timeout: 300_000 };
const PYTHON_EXAMPLE = join(ROOT, 'examples/python/round_robin');

describe('plugins of version 2 over gRPC under a host written in Go', () => {
  for (const version of GO_PLUGIN_VERSIONS) {
    it(`a Go plugin is asked by go-plugin ${version}`, LIMIT, async (t) => {
      if (!hasTools(t, ['go'])) return;
      const command = [await goProgram('plugins', './elsewhere_after_two_failures')];
      const report = await runHostV2({ version, question: [], command });
      assert.equal(report.error, '');
      assert.deepEqual([report.library, report.protocol, report.version], [version, 'grpc', 2]);
      const reply = routed(['one', 'two'], 'elsewhere after two failures');
      assert.deepEqual(report.v2.replies, [reply, reply]);
    });

    it(`the Python example is asked by go-plugin ${version}, and ends in good order`, LIMIT, async (t) => {
      if (!hasTools(t, ['go', 'python3'])) return;
      const env = await pythonEnvironment(t);
      if (env === undefined) return;
      const command = [tool('python3'), join(PYTHON_EXAMPLE, 'plugin.py')];
      const report = await runHostV2({ version, question: [], command, env });
      assert.equal(report.error, '');
      assert.deepEqual([report.library, report.protocol, report.version], [version, 'grpc', 2]);
      assert.deepEqual(report.v2.description, {
        contractVersion: 2,
        name: 'round robin',
        version: '',
        headers: null,
      });
      assert.deepEqual(report.v2.replies, [
        routed(['one', 'two'], 'in turn'),
        routed(['two', 'one'], 'in turn'),
      ]);
      assert.ok(report.exited);
      assert.deepEqual([report.hostLog, report.stderr], [[], '']);
    });
  }
});

it('the Python example passes its own test, and says what it is when run by hand', LIMIT, async (t) => {
  if (!hasTools(t, ['python3'])) return;
  const env = await pythonEnvironment(t);
  if (env === undefined) return;
  const script =
    'import sys, unittest, test_plugin; r = unittest.main(test_plugin, exit=False).result; print(r.wasSuccessful(), r.testsRun)';
  const run = { ...env, PYTHONPATH: `${env['PYTHONPATH']}:${PYTHON_EXAMPLE}` };
  assert.equal(await output(tool('python3'), ['-c', script], run), 'True 1\n');
  await assert.rejects(
    output(tool('python3'), [join(PYTHON_EXAMPLE, 'plugin.py')], env),
    /is not run by itself/,
  );
});

const TRANSPORTS = ['netrpc', 'grpc'] as const;

describe('a Go plugin under our host, over net/rpc and over gRPC', () => {
  it('sees the same in a request, whatever carries it, in clear and with AutoMTLS', LIMIT, async (t) => {
    if (!hasTools(t, ['go'])) return;
    const requests = [...fc.sample(arbitraryRequest, { numRuns: 200, seed: 1 })].map(asked);
    const seen: (readonly unknown[])[] = [];
    for (const transport of TRANSPORTS) {
      for (const autoMtls of ['off', 'require'] as const) {
        const ask = async (selector: SelectorPlugin): Promise<void> => {
          seen.push(await Promise.all(requests.map((request) => selector.select(request, CALL))));
        };
        await withProbe({ transport, autoMtls }, ask);
      }
    }
    assert.equal(seen.length, 4);
    assert.equal(seen[0]?.length, requests.length);
    for (const replies of seen) assert.deepEqual(replies, seen[0]);
    const digests = new Set(seen[0]?.map((reply) => Object(reply).reason));
    assert.equal(digests.size, new Set(requests.map((request) => JSON.stringify(request))).size);
  });

  for (const transport of TRANSPORTS) {
    it(
      `${transport}: describes itself, gives verdicts, and refuses a configuration by path`,
      LIMIT,
      async (t) => {
        if (!hasTools(t, ['go'])) return;
        await withProbe({ transport }, async (selector) => {
          assert.deepEqual(selector.description, { name: 'probe', version: '1', headers: ['*'] });
          for (const [kind, text] of [
            ['defer', 'later'],
            ['reject', 'never'],
            ['hold', ''],
          ] as const) {
            const { reason, ...reply } = await selector.select(about(kind), CALL);
            assert.deepEqual(reply, { kind, code: 0, text });
            assert.match(reason, /^[0-9a-f]{64}$/);
          }
        });
        await assert.rejects(
          withProbe({ transport, json: '{"refuse":["no","never"]}' }, () => Promise.resolve()),
          /at refuse\[0\]: no; at refuse\[1\]: never/,
        );
      },
    );

    it(
      `${transport}: an error is that of one call, a missed deadline too, and the next is answered`,
      LIMIT,
      async (t) => {
        if (!hasTools(t, ['go'])) return;
        await withProbe({ transport }, async (selector) => {
          const fails = (code: string, words: RegExp) => (error: unknown) =>
            error instanceof PluginError && error.code === code && words.test(error.message);
          await assert.rejects(
            selector.select(about('error'), CALL),
            fails('PLUGIN_CALL_FAILED', /the database is away/),
          );
          await assert.rejects(
            selector.select(about('nothing'), CALL),
            fails('PLUGIN_CALL_FAILED', /no route/),
          );
          // Its own context ends at the same time, and what it says of that may be first.
          await assert.rejects(
            selector.select(about('wait'), { timeoutMs: 50 }),
            (error) => error instanceof PluginError && /50 ms|deadline exceeded/i.test(error.message),
          );
          const reply = await selector.select(about('routes'), CALL);
          assert.deepEqual(reply.kind === 'route' && reply.routes, [
            { recipientIds: [0], candidateIds: ['two', 'one'] },
          ]);
        });
      },
    );

    it(`${transport}: 10 000 calls at once are all answered`, LIMIT, async (t) => {
      if (!hasTools(t, ['go'])) return;
      await withProbe({ transport }, async (selector) => {
        const calls = Array.from({ length: 10_000 }, () =>
          selector.select(about('routes'), { timeoutMs: 60_000 }),
        );
        assert.equal(new Set((await Promise.all(calls)).map(({ reason }) => reason)).size, 1);
      });
    });
  }

  it('an example over gRPC is told of earlier attempts', LIMIT, async (t) => {
    if (!hasTools(t, ['go'])) return;
    const command = await goProgram('plugins', './elsewhere_after_two_failures');
    await withPlugin({ command, args: [] }, async (selector) => {
      const failed = { ...ATTEMPT, downstreamId: 'one', kind: 'deferred' };
      const request = about('x', { history: [failed, failed] });
      const reply = await selector.select(request, CALL);
      assert.deepEqual(reply.kind === 'route' && reply.routes[0]?.candidateIds, ['two', 'one']);
    });
  });
});

it('the Python example under our host: turns, an error, and the next turn', LIMIT, async (t) => {
  if (!hasTools(t, ['python3'])) return;
  const env = await pythonEnvironment(t);
  if (env === undefined) return;
  const launch = { command: tool('python3'), args: [join(PYTHON_EXAMPLE, 'plugin.py')], env };
  const exit = await withPlugin(launch, async (selector) => {
    assert.equal(selector.description?.name, 'round robin');
    const order = async (dryRun: boolean) => {
      const reply = await selector.select(about('x', { dryRun }), CALL);
      return reply.kind === 'route' && reply.routes[0]?.candidateIds;
    };
    assert.deepEqual(await order(true), ['one', 'two']);
    assert.deepEqual(await order(false), ['one', 'two']);
    await assert.rejects(
      selector.select(requestFor({ downstreams: [] }), CALL),
      (error) => error instanceof PluginError && error.code === 'PLUGIN_CALL_FAILED',
    );
    assert.deepEqual(await order(false), ['two', 'one']);
  });
  assert.equal(exit.status, 0, 'it ends when it is told to');
});

describe('a plugin over gRPC under the router', () => {
  it(
    'written in Python takes turns, and a new version of its file decides when it is there',
    LIMIT,
    async (t) => {
      if (!hasTools(t, ['python3'])) return;
      const env = await pythonEnvironment(t);
      if (env === undefined) return;
      const folder = await scratchFolder(t);
      await cp(PYTHON_EXAMPLE, join(folder, 'strategy'), { recursive: true });
      const sinks = [await startCapturingSink(t), await startCapturingSink(t)];
      const config = configText({
        sinks: sinks.map(({ port }) => port),
        selector: 'mine',
        plugin: {
          command: [tool('python3'), 'strategy/plugin.py'],
          watch: ['strategy/plugin.py'],
          env,
          start_timeout: '60s',
          timeout: '20s',
        },
      });
      const router = await RouterProcess.start(t, { folder, config });
      const first = await router.pluginWhen('ready', 60_000, ({ state }) => state === 'ready');
      const file = join(folder, 'message.eml');
      await writeFile(file, lines('Subject: routed', '', 'Hello.'));
      const port = await router.port();
      const send = () => sendWithSmtplib({ port, ...ACCOUNT, recipients: ['a@example.org'], file }, 4, 1);
      assert.deepEqual(
        (await send()).map(({ code }) => code),
        [250, 250, 250, 250],
      );
      assert.deepEqual(
        sinks.map(({ contents }) => contents.length),
        [2, 2],
      );
      const script = join(folder, 'strategy/plugin.py');
      await writeFile(
        script,
        (await readFile(script, 'utf8')).replace('order = ids[first:] + ids[:first]', 'order = ids'),
      );
      await router.pluginWhen('replaced', 60_000, ({ state, pid }) => state === 'ready' && pid !== first.pid);
      assert.deepEqual(
        (await send()).map(({ code }) => code),
        [250, 250, 250, 250],
      );
      assert.deepEqual(
        sinks.map(({ contents }) => contents.length),
        [6, 2],
      );
    },
  );
});

const CALL = { timeoutMs: 20_000 };

const ATTEMPT = {
  recipientIds: [0],
  startedAt: 1,
  durationMs: 2,
  phase: 'rcpt',
  code: 451,
  enhancedCode: '4.7.1',
  text: 'later',
};

/** A request whose subject tells the probe what to do. */
function about(subject: string, more: Parameters<typeof requestFor>[0]['more'] = {}): SelectRequest {
  return requestFor({
    to: ['a@example.com'],
    downstreams: ['one', 'two'],
    headers: { Subject: subject },
    more,
  });
}

/** With ids that an answer can refer to, and no word to the probe; the time-out is that of the call. */
function asked(request: SelectRequest, number: number): SelectRequest {
  return {
    ...request,
    requestId: `${number}`,
    timeoutMs: CALL.timeoutMs,
    message: { ...request.message, subject: '' },
    envelope: {
      ...request.envelope,
      recipients: [{ id: 0, address: '', domain: '' }, ...request.envelope.recipients].map((to, id) => ({
        ...to,
        id,
      })),
    },
    downstreams: [viewWith({ id: 'spare' }), ...request.downstreams].map((view, index) => ({
      ...view,
      id: `d${index}`,
    })),
  };
}

interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly json?: string;
  readonly autoMtls?: AutoMtls;
}

async function withPlugin(
  { command, args, env = {}, json = '', autoMtls = 'prefer' }: Launch,
  use: (selector: SelectorPlugin) => Promise<void>,
): Promise<PluginExit> {
  const name = 'mine';
  const plugin = await launchPlugin({
    name,
    command,
    args,
    environment: env,
    handshake: SELECTOR_HANDSHAKE,
    versions: SELECTOR_VERSIONS,
    startTimeoutMs: 60_000,
    autoMtls,
  });
  try {
    if (autoMtls !== 'prefer') assert.equal(plugin.isMutualTls, autoMtls === 'require');
    const settings = { json, locate: (path: string) => `at ${path}` };
    await use(await openSelectorPlugin(plugin, { name, tail: 'rest', dispenseTimeoutMs: 20_000, settings }));
  } finally {
    await plugin.kill();
  }
  return plugin.kill();
}

async function withProbe(
  {
    transport,
    ...launch
  }: Pick<Launch, 'json' | 'autoMtls'> & { readonly transport: (typeof TRANSPORTS)[number] },
  use: (selector: SelectorPlugin) => Promise<void>,
): Promise<void> {
  const command = await goProgram('sdk/go', './internal/probe');
  await withPlugin({ ...launch, command, args: [transport] }, use);
}

/** A reply of one route for all, as `selector-host` prints it. */
function routed(candidates: readonly string[], reason: string): unknown {
  return { routes: [{ recipients: null, candidates }], verdict: 0, code: 0, text: '', reason };
}

/** With the packages of the example; undefined when the test is skipped. */
async function pythonEnvironment(t: TestContext): Promise<Readonly<Record<string, string>> | undefined> {
  const requirements = await requirementsOf('python-example', join(PYTHON_EXAMPLE, 'requirements.txt'));
  const packages = await pythonPackages(requirements);
  if (!lacksNothing(t, packages.kind === 'missing' ? [packages.why] : [])) return undefined;
  const folder = packages.kind === 'installed' ? packages.folder : '';
  return { PYTHONPATH: folder, PYTHONDONTWRITEBYTECODE: '1' };
}
