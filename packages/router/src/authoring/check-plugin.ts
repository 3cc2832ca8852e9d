/**
 * Tries a plugin step by step as the router would use it, and tells of each step: file, start, handshake,
 * version, transport, AutoMTLS, connection, the calls of the contract, and its end. After a step that failed only the
 * process is ended.
 */
import type { PluginExit, PluginHost } from '@smtp-router/go-plugin/host';
import type { SelectReply } from '@smtp-router/selector/contract';
import { type OpeningStep, SELECTOR_VERSIONS, type SelectorPlugin } from '@smtp-router/selector/host';
import { requestFor } from '@smtp-router/selector/testing';
import { type Clock, systemClock } from '../clock.ts';
import type { CheckStep, LoadReport } from './check-step.ts';
import { CheckSteps, codeOf } from './check-steps.ts';
import { failedLaunchStep, stepsPassedBefore } from './launch-step.ts';
import { measureLoad, medianOf } from './measure-load.ts';
import { OutputTail } from './output-tail.ts';
import { CALL_TIMEOUT_MS, openTarget, type PluginTarget, startTarget } from './plugin-target.ts';
import { replyWords } from './reply-words.ts';

/** What is checked, and who is told. */
export interface CheckOptions {
  /** Finds the plugin; throws an error with a code when there is none. */
  readonly find: () => PluginTarget;
  /** Names of downstreams for the sample selection. */
  readonly downstreams: readonly string[];
  /** Under how much load it is put; absent = none. */
  readonly load?: LoadPlan;
  readonly onStep: (step: CheckStep) => void;
  readonly onLoad?: (report: LoadReport) => void;
  /** Gives the check up; the process is ended all the same. */
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
}

export interface LoadPlan {
  /** Calls under way at a time; one measurement each. */
  readonly inFlight: readonly number[];
  /** Of each measurement. */
  readonly durationMs: number;
}

/** How a check went. */
export interface CheckResult {
  readonly isOk: boolean;
  /** What the plugin wrote last. */
  readonly output: readonly string[];
}

/** Selections timed after the first. */
const TIMED_CALLS = 20;

/** Never rejects for what a plugin does. Nothing is left running. */
export async function checkPlugin(options: CheckOptions): Promise<CheckResult> {
  const check = new PluginCheck(options);
  await check.run();
  return { isOk: check.steps.isOk, output: check.output.lines };
}

class PluginCheck {
  readonly steps: CheckSteps;
  readonly output = new OutputTail();
  readonly #options: CheckOptions;
  readonly #clock: Clock;

  constructor(options: CheckOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.steps = new CheckSteps(options.onStep, this.#clock);
  }

  async run(): Promise<void> {
    const target = await this.steps.run('file', this.#options.find, ({ command }) => command.join(' '));
    if (target === undefined) return;
    const plugin = await this.#start(target);
    if (plugin === undefined) return;
    const selector = await this.#open(plugin, target);
    if (selector !== undefined) await this.#use(selector, plugin);
    selector?.close();
    await this.#end(plugin);
  }

  async #start(target: PluginTarget): Promise<PluginHost | undefined> {
    const { signal } = this.#options;
    try {
      const plugin = await startTarget(target, {
        onProcess: (pid) => this.steps.passed('start', `process ${pid}`),
        onOutput: (output) => this.output.add(output),
        ...(signal !== undefined && { signal }),
      });
      this.steps.passed('handshake', 'its first line was understood');
      const offered = SELECTOR_VERSIONS.join(' and ');
      this.steps.passed('version', `version ${plugin.appVersion} of the contract, of ${offered} offered`);
      this.steps.passed('transport', TRANSPORT_NAMES[plugin.protocol]);
      this.steps.passed('tls', plugin.isMutualTls ? MUTUAL_TLS : IN_CLEAR);
      this.steps.passed('connect', 'its socket took the connection');
      return plugin;
    } catch (error) {
      const failed = failedLaunchStep(codeOf(error) ?? '');
      for (const step of stepsPassedBefore(failed)) this.steps.passed(step, '');
      this.steps.failed(failed, error);
      return undefined;
    }
  }

  async #open(plugin: PluginHost, target: PluginTarget): Promise<SelectorPlugin | undefined> {
    let under: OpeningStep = 'dispense';
    try {
      const selector = await openTarget(plugin, target, (step) => {
        if (step !== 'dispense') this.steps.passed(under, OPENED[under]);
        under = step;
      });
      this.steps.passed(under, openedWords(under, target, selector));
      return selector;
    } catch (error) {
      this.steps.failed(under, error);
      return undefined;
    }
  }

  async #use(selector: SelectorPlugin, plugin: PluginHost): Promise<void> {
    const sample = await this.steps.run('select', () => this.#timedSample(selector), sampleWords);
    if (sample === undefined) return;
    const ping = () => plugin.connection.ping({ timeoutMs: CALL_TIMEOUT_MS });
    await this.steps.run('ping', ping, () => 'answered');
    if (this.#options.load !== undefined) await this.#load(selector, this.#options.load);
  }

  async #timedSample(selector: SelectorPlugin): Promise<Sample> {
    const times: number[] = [];
    const decisions = new Set<string>();
    while (times.length <= TIMED_CALLS) {
      const askedAt = this.#clock.now();
      decisions.add(replyWords(await this.#select(selector)));
      times.push(this.#clock.now() - askedAt);
    }
    const [firstMs = 0, ...others] = times;
    const [decision = ''] = decisions;
    // The same question each time; generation 1 is not told that nothing will be sent.
    const takesTurns = selector.generation > 1 && decisions.size > 1;
    return { decision, takesTurns, firstMs, medianMs: medianOf(others) };
  }

  #select(selector: SelectorPlugin): Promise<SelectReply> {
    const { downstreams, signal } = this.#options;
    return selector.select(sampleRequest(downstreams, this.#clock), {
      timeoutMs: CALL_TIMEOUT_MS,
      ...(signal !== undefined && { signal }),
    });
  }

  async #load(selector: SelectorPlugin, { inFlight, durationMs }: LoadPlan): Promise<void> {
    const { onLoad, signal } = this.#options;
    let failed = 0;
    for (const count of inFlight) {
      const report = await measureLoad({
        call: () => this.#select(selector),
        inFlight: count,
        durationMs,
        clock: this.#clock,
        ...(signal !== undefined && { signal }),
      });
      failed += report.failed;
      onLoad?.(report);
    }
    if (failed === 0) this.steps.passed('load', 'every call was answered');
    else this.steps.failed('load', new Error(`${failed} calls were not answered properly`));
  }

  async #end(plugin: PluginHost): Promise<void> {
    const exit = await plugin.kill();
    if (exit.signal === null) this.steps.passed('end', endWords(exit));
    else this.steps.failed('end', new Error(`it did not end when asked to, and ${endWords(exit)}`));
  }
}

/** A first selection and the time of those after it. */
interface Sample {
  /** In words. */
  readonly decision: string;
  /** True when the same question was answered differently in a dry run. */
  readonly takesTurns: boolean;
  readonly firstMs: number;
  readonly medianMs: number;
}

const MUTUAL_TLS = 'AutoMTLS: each side proved who it is';
const IN_CLEAR = 'in clear on its private socket; it takes up no AutoMTLS';

const TRANSPORT_NAMES = { netrpc: 'net/rpc', grpc: 'gRPC' } as const;

const OPENED: Readonly<Record<OpeningStep, string>> = {
  dispense: 'serves a selector',
  describe: 'described itself',
  configure: 'took its config',
};

function openedWords(step: OpeningStep, { settings }: PluginTarget, { description }: SelectorPlugin): string {
  if (step !== 'configure') return OPENED[step];
  const { name = '', version = '', headers = [] } = description ?? {};
  const title = [name, version].filter((word) => word !== '').join(' ') || 'a selector without a name';
  const fields = headers.length === 0 ? 'no header fields' : `header fields ${headers.join(', ')}`;
  return `${title}; wants ${fields}; ${settings.json === '' ? 'content without a config' : OPENED.configure}`;
}

function sampleRequest(downstreams: readonly string[], clock: Clock): ReturnType<typeof requestFor> {
  return requestFor({
    from: 'sample@example.com',
    to: ['sample@example.net'],
    headers: { From: 'sample@example.com', Subject: 'Sample', 'Message-ID': '<sample@example.com>' },
    downstreams,
    more: { requestId: 'check', dryRun: true, timeoutMs: CALL_TIMEOUT_MS, now: clock.wallTime() },
  });
}

function sampleWords({ decision, takesTurns, firstMs, medianMs }: Sample): string {
  const warning = takesTurns
    ? '; it changes its mind though nothing is sent: keep state when dry_run is set'
    : '';
  return `${decision}; first ${firstMs.toFixed(1)} ms, then ${medianMs.toFixed(2)} ms${warning}`;
}

function endWords({ status, signal }: PluginExit): string {
  if (signal !== null) return `was ended by ${signal}`;
  return status === null ? 'ended' : `ended with status ${status}`;
}
