/**
 * One router with many users: each has a plugin that fails in its own way, and one has a plugin that does
 * not. All downstreams are sinks of this process, so that what was delivered, and by whose choice, is known:
 * plugins choose the second downstream, `on_failure: in-order` the first.
 */
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { MailClient } from '../../../packages/router/test/support/mail-client.ts';
import { type CapturingSink, startCapturingSink } from './capturing-sink.ts';
import { Deliveries } from './deliveries.ts';
import { goProgram } from './go-programs.ts';
import { processesMarked } from './marked-processes.ts';
import type { PluginFault } from './plugin-faults.ts';
import { type PluginStatus, RouterProcess } from './router-process.ts';
import { atEnd, scratchFolder, waitFor } from './scratch.ts';

const CALL_TIMEOUT_MS = 500;
const START_TIMEOUT_MS = 2000;
/** What a message may take beside the deadline of its plugin. */
const SLACK_MS = 1000;
/** Calls every process of a plugin answers properly before its fault. */
const GOOD_CALLS = 2;
/** Messages of each user: more than the missed deadlines that have a process replaced. */
const MESSAGES = 8;
/** What a message of others may take, and how long they wait before the next. */
const OTHERS_MS = 5000;
const OTHERS_PAUSE_MS = 10;
const PASSWORD = 'client-secret-7Q';
const UNHARMED = 'unharmed';
/** With what a plugin that crashed over and over waits before its next start. */
const UP_MS = 20_000;
/** What is wrong with a plugin stands in the log by then. */
const SHOWN_MS = 10_000;
/** A plugin that cannot be asked to end takes that long: Quit, grace, SIGTERM, SIGKILL. */
const END_MS = 6000;

/** Who decided: the plugin, its `on_failure`, or either of them where both choose the same. */
export type DecidedBy = 'plugin' | 'policy' | 'either';

/** Runs several faults beside each other. */
export class FaultStage {
  readonly router: RouterProcess;
  readonly #folder: string;
  readonly #address: string;
  readonly #deliveries: Deliveries;
  readonly #startedAt = performance.now();
  #isOver: boolean = false;
  /** Replies the unharmed user got that were not what its plugin decided, and how many were. */
  readonly #harm: string[] = [];
  #unharmed = 0;
  readonly #sending: readonly Promise<void>[];

  private constructor(
    router: RouterProcess,
    place: { readonly folder: string; readonly port: number; readonly sinks: readonly CapturingSink[] },
  ) {
    this.router = router;
    this.#folder = place.folder;
    this.#address = `127.0.0.1:${place.port}`;
    this.#deliveries = new Deliveries(place.sinks);
    this.#sending = [this.#sendUnharmed('one'), this.#sendUnharmed('two')];
  }

  /** Starts the router; mail of the user nothing should happen to flows from then on. */
  static async start(t: TestContext, faults: readonly PluginFault[]): Promise<FaultStage> {
    const folder = await scratchFolder(t);
    mkdirSync(join(folder, 'tmp'));
    atEnd(t, () => endAll(folder));
    const sinks = [await startCapturingSink(t), await startCapturingSink(t)];
    const config = stageConfig(await goProgram('interop', './cmd/fault-plugin'), { folder, faults, sinks });
    const env = { TMPDIR: join(folder, 'tmp') };
    const router = await RouterProcess.start(t, { folder, config, env });
    await router.pluginWhen('unharmed', 10_000, ({ name, state }) => name === UNHARMED && state === 'ready');
    const stage = new FaultStage(router, { folder, port: await router.port(), sinks });
    atEnd(t, () => stage.#stopSending());
    return stage;
  }

  /** Sends the messages of a user one after the other; each is answered as declared and in time. */
  async suffer({ name, policy }: PluginFault): Promise<readonly DecidedBy[]> {
    const client = await this.#open(name);
    const deciders: DecidedBy[] = [];
    try {
      for (let sequence = 0; sequence < MESSAGES; sequence += 1) {
        const sentAt = performance.now();
        const mark = `${name} ${sequence}`;
        const outcome = await this.#send(client, mark);
        const tookMs = performance.now() - sentAt;
        assert.ok(tookMs <= CALL_TIMEOUT_MS + SLACK_MS, `message ${sequence} took ${tookMs.toFixed(0)} ms`);
        deciders.push(decidedBy(outcome, policy) ?? assert.fail(`${mark} under ${policy}: ${outcome}`));
      }
    } finally {
      client.drop();
    }
    return deciders;
  }

  /** Codes of all faults of a plugin that were logged, with messages and with changes of its state. */
  faultCodes(name: string): ReadonlySet<string> {
    const codes = new Set<string>();
    for (const text of this.router.output.split('\n')) {
      if (!text.includes(`"plugin":"${name}"`) && !text.includes(`"user":"${userOf(name)}"`)) continue;
      const line: unknown = JSON.parse(text);
      for (const key of ['fault_code', 'code'] as const) {
        const code = property(line, key);
        if (typeof code === 'string') codes.add(code);
      }
    }
    return codes;
  }

  async faultShows(name: string, code: string | RegExp): Promise<void> {
    const codes = () => [...this.faultCodes(name)];
    const isIt = (shown: string) => (typeof code === 'string' ? shown === code : code.test(shown));
    await waitFor(String(code), SHOWN_MS, async () => codes().some(isIt) || undefined).catch(
      (error: unknown) => {
        throw new Error(`not ${code} but ${codes().join(', ')}`, { cause: error });
      },
    );
  }

  async outputShows(text: RegExp): Promise<void> {
    await waitFor(String(text), SHOWN_MS, async () => text.test(this.router.output) || undefined);
  }

  async plugin(name: string): Promise<PluginStatus> {
    const { plugins } = await this.router.status();
    return plugins.find((plugin) => plugin.name === name) ?? assert.fail(`no plugin ${name}`);
  }

  /** Whatever a plugin did, it is up again soon. */
  async assertReadyAgain(plugin: string): Promise<void> {
    await this.router.pluginWhen(
      'up again',
      UP_MS,
      ({ name, state }) => name === plugin && state === 'ready',
    );
  }

  /** After five starts there is at most one a second; with one at once, for chance, and the one under way. */
  async assertNoStartStorm(name: string): Promise<void> {
    const { starts } = await this.plugin(name);
    const seconds = (performance.now() - this.#startedAt) / 1000 + START_TIMEOUT_MS / 1000;
    assert.ok(starts <= 7 + seconds, `${starts} starts within ${seconds.toFixed(1)} s`);
  }

  /** Nobody else was harmed: every message of the other user went where its plugin said. */
  async assertNoOtherHarmed(): Promise<void> {
    await this.#stopSending();
    assert.deepEqual(this.#harm, []);
    assert.ok(this.#unharmed > 5, `${this.#unharmed} messages of others`);
    const { starts, state } = await this.plugin(UNHARMED);
    assert.deepEqual([starts, state], [1, 'ready']);
    assert.ok(this.router.isRunning);
    assert.doesNotMatch(this.router.output, /^ {4}at /m, 'a stack trace was logged');
  }

  /** Descriptors of the router: those it had, and the pipes and sockets of one process for each plugin. */
  async assertDescriptorsKept(before: number, plugins: number): Promise<void> {
    const most = before + 5 * plugins;
    await waitFor(`at most ${most} descriptors`, 10_000, async () => this.descriptors() <= most || undefined);
  }

  descriptors(): number {
    return readdirSync(`/proc/${this.router.pid}/fd`).length;
  }

  /** Ends the router: no process and no socket directory is left. */
  async assertNothingLeft(): Promise<void> {
    await this.#stopSending();
    assert.equal(await this.router.stop(), 0);
    await waitFor('end of every process', END_MS, async () =>
      processesMarked(this.#folder).length === 0 ? true : undefined,
    );
    assert.deepEqual(readdirSync(join(this.#folder, 'tmp')), []);
  }

  #open(name: string): Promise<MailClient> {
    return MailClient.open(this.#address, { user: userOf(name), password: PASSWORD });
  }

  /** Reply code, the reply's text, and how many copies each sink got. */
  async #send(client: MailClient, mark: string): Promise<string> {
    const reply = await client.send({ content: `X-Mark: ${mark}.\r\nSubject: fault\r\n\r\nhello\r\n` });
    return `${this.#deliveries.of(mark).join(' ')} ${reply}`;
  }

  async #sendUnharmed(sender: string): Promise<void> {
    const client = await this.#open(UNHARMED);
    for (let sequence = 0; !this.#isOver; sequence += 1) {
      const sentAt = performance.now();
      const outcome = await this.#send(client, `${sender} ${sequence}`);
      const tookMs = performance.now() - sentAt;
      if (outcome.startsWith('0 1 250 ') && tookMs < OTHERS_MS) this.#unharmed += 1;
      else this.#harm.push(`${outcome} after ${tookMs.toFixed(0)} ms`);
      await pause(OTHERS_PAUSE_MS);
    }
    client.drop();
  }

  async #stopSending(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#sending);
  }
}

/** Whose word an outcome is; undefined when it is nobody's. */
function decidedBy(outcome: string, policy: PluginFault['policy']): DecidedBy | undefined {
  switch (outcome.slice(0, 7)) {
    case '0 1 250':
      return policy === 'last-order' ? 'either' : 'plugin';
    case '1 0 250':
      return policy === 'tempfail' ? undefined : 'policy';
    case '0 0 451':
      return policy === 'tempfail' ? 'policy' : undefined;
    default:
      return undefined;
  }
}

function stageConfig(
  program: string,
  {
    folder,
    faults,
    sinks,
  }: {
    readonly folder: string;
    readonly faults: readonly PluginFault[];
    readonly sinks: readonly CapturingSink[];
  },
): string {
  const times = { timeout: `${CALL_TIMEOUT_MS}ms`, start_timeout: `${START_TIMEOUT_MS}ms` };
  const failing = faults.map(({ name, policy }) => {
    const command = [program, '-fault', name, '-last', '-after', String(GOOD_CALLS)];
    return [name, { command, on_failure: policy, env: { STAGE: folder }, ...times }] as const;
  });
  const unharmed = { command: [program, '-last'], env: { STAGE: folder }, timeout: '5s' };
  const selectors = Object.fromEntries([...failing, [UNHARMED, unharmed] as const]);
  return JSON.stringify({
    hostname: 'router.example.com',
    listen: [{ address: '127.0.0.1:0' }],
    users: Object.keys(selectors).map((name) => ({
      email: userOf(name),
      password: PASSWORD,
      selector: name,
    })),
    selectors,
    downstreams: Object.fromEntries(
      sinks.map(({ port }, index) => [['first', 'second'][index], { addr: `127.0.0.1:${port}`, tls: 'off' }]),
    ),
    admin: { address: '127.0.0.1:0' },
    log: { level: 'debug', format: 'json' },
    state_dir: './state',
  });
}

function userOf(name: string): string {
  return `${name}@example.com`;
}

function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

/** For the case that a test failed: what it started does not outlive it. */
function endAll(folder: string): void {
  for (const pid of processesMarked(folder)) process.kill(pid, 'SIGKILL');
}
