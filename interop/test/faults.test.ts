import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { ACCOUNT, configText } from './support/config.ts';
import { goProgram } from './support/go-programs.ts';
import { lines } from './support/messages.ts';
import { RouterProcess } from './support/router-process.ts';
import { scratchFolder } from './support/scratch.ts';
import { type SmtplibResult, sendWithSmtplib } from './support/senders.ts';
import { SmtpSink } from './support/smtp-sink.ts';
import { hasTools } from './support/tools.ts';

const LIMIT = { timeout: 300_000 };
const CALL_TIMEOUT_MS = 1000;
const MESSAGES = 24;
const GOOD_CALLS = 5;

/** How a plugin fails in the middle of traffic, and whether its process is gone by that. */
const FAULTS: ReadonlyMap<string, 'ends' | 'stays'> = new Map([
  ['exit', 'ends'],
  ['panic', 'ends'],
  ['kill', 'ends'],
  ['hang', 'ends'],
  ['unknown', 'stays'],
  ['empty', 'stays'],
  ['crlf', 'stays'],
  ['huge', 'stays'],
  ['error', 'stays'],
  ['flood', 'stays'],
]);

describe('a plugin that fails in mid-traffic loses no message', () => {
  for (const [fault, process] of FAULTS) {
    it(`${fault}: every message is delivered, in time, and the plugin runs again`, LIMIT, async (t) => {
      if (!hasTools(t, ['go', 'python3', 'smtp-sink'])) return;
      const { router, sink, send } = await start(t, ['-fault', fault, '-after', String(GOOD_CALLS)]);
      const before = await router.pluginWhen('ready', 10_000, ({ state }) => state === 'ready');

      const results = await send(MESSAGES);

      assert.deepEqual(
        results.filter(({ code }) => code !== 250),
        [],
      );
      assertInTime(results);
      assert.equal((await sink.take()).length, MESSAGES);
      const now = await router.pluginWhen('ready again', 15_000, ({ state }) => state === 'ready');
      if (process === 'ends') assert.ok(now.starts > before.starts, 'the plugin was started again');
      else assert.equal(now.pid, before.pid);
      assert.ok(router.isRunning);
      assert.deepEqual(
        (await send(2)).map(({ code }) => code),
        [250, 250],
      );
    });
  }

  it(
    'with on_failure: tempfail, what is not delivered is answered 451 and was not delivered',
    LIMIT,
    async (t) => {
      if (!hasTools(t, ['go', 'python3', 'smtp-sink'])) return;
      const plugin = { on_failure: 'tempfail' };
      const { sink, send } = await start(t, ['-fault', 'exit', '-after', String(GOOD_CALLS)], plugin);
      const results = await send(MESSAGES);
      const accepted = results.filter(({ code }) => code === 250);
      const deferred = results.filter(({ code }) => code === 451);
      assert.equal(accepted.length + deferred.length, MESSAGES);
      assert.ok(accepted.length > 0 && deferred.length > 0);
      assertInTime(results);
      const delivered = (await sink.take()).map(
        ({ content }) => /X-Sequence: (\d+)/.exec(content.toString())?.[1],
      );
      assert.deepEqual(
        numerically(delivered.map(Number)),
        numerically(accepted.map(({ sequence }) => sequence)),
      );
    },
  );
});

describe('a plugin that does not come up', () => {
  for (const fault of ['mute', 'garbage', 'refuse']) {
    it(`${fault}: the router serves by on_failure and names the plugin`, LIMIT, async (t) => {
      if (!hasTools(t, ['go', 'python3', 'smtp-sink'])) return;
      const { router, sink, send } = await start(t, ['-fault', fault], { start_timeout: '1s' });
      const results = await send(4);
      assert.deepEqual(
        results.map(({ code }) => code),
        [250, 250, 250, 250],
      );
      assertInTime(results);
      assert.equal((await sink.take()).length, 4);
      assert.match(router.output, /mine/);
      assert.doesNotMatch(router.output, /^ {4}at /m);
    });
  }
});

/** A router with one downstream and the misbehaving plugin. */
async function start(
  t: TestContext,
  args: readonly string[],
  options: Readonly<Record<string, unknown>> = {},
) {
  const program = await goProgram('interop', './cmd/fault-plugin');
  const folder = await scratchFolder(t);
  const sink = await SmtpSink.start(t, folder);
  const plugin = {
    command: [program, ...args],
    timeout: `${CALL_TIMEOUT_MS}ms`,
    on_failure: 'in-order',
    ...options,
  };
  const config = configText({ sinks: [sink.port], selector: 'mine', plugin });
  const router = await RouterProcess.start(t, { folder, config });
  const file = join(folder, 'message.eml');
  await writeFile(file, lines('Subject: traffic', '', 'Hello.'));
  const submission = { port: await router.port(), ...ACCOUNT, recipients: ['a@example.net'], file };
  return { router, sink, send: (count: number) => sendWithSmtplib(submission, count, 4) };
}

/** The call deadline and one second more for everything else. */
function assertInTime(results: readonly SmtplibResult[]): void {
  const slowest = Math.max(...results.map(({ seconds }) => seconds));
  assert.ok(slowest * 1000 < CALL_TIMEOUT_MS + 1000, `a message took ${slowest} s`);
}

function numerically(numbers: readonly number[]): readonly number[] {
  return [...numbers].sort((a, b) => a - b);
}
