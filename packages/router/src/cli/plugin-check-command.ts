/** `smtp-router plugin check`: tries a plugin step by step, without a router. */
import { Command } from 'commander';
import type { CheckStep, LoadReport } from '../authoring/check-step.ts';
import type { CommandContext } from './command-context.ts';
import { remedyOf } from './describe-error.ts';
import { EXIT } from './exit-code.ts';
import { interruptible, type PluginWords, targetOf, withPluginOptions } from './plugin-words.ts';
import type { Terminal } from './terminal.ts';

interface CheckOptions extends PluginWords {
  readonly downstream?: readonly string[];
  readonly load?: true;
  readonly json?: true;
}

/** Calls under way at a time under --load, and how long each is measured. */
const LOAD = { inFlight: [1, 8, 64], durationMs: 2000 };

const DEFAULT_DOWNSTREAMS = ['first', 'second'];

const HELP = `
Starts the plugin as the router would (a file that ends in .ts, .mjs or .js by the Node at hand), goes through
handshake, Describe and Configure, asks it about a sample message (dry_run) and ends it. Any go-plugin binary
will do; the first step that fails is named, with what to do and what the plugin wrote last.

Examples:
  smtp-router plugin check ./my-plugin --config my-config.yaml
  smtp-router plugin check round-robin.ts --load
  smtp-router plugin check --downstream ses --downstream own -- python3 plugin.py`;

/** Exit 0 when every step went well, 1 when one failed. */
export function pluginCheckCommand(context: CommandContext): Command {
  const command = new Command('check')
    .description('try a plugin step by step: handshake, contract, sample selection, timings')
    .usage('[options] <file> | [options] -- <command...>')
    .argument('<command...>', 'file of the plugin; or, behind --, program and arguments');
  return withPluginOptions(command)
    .option('--downstream <name>', 'downstream of the sample; may be given several times', collect)
    .option('--load', 'measure calls a second and latency at 1, 8 and 64 in flight, 2 s each')
    .option('--json', 'every step as JSON')
    .addHelpText('after', HELP)
    .action((words: readonly string[], options: CheckOptions) =>
      interruptible(context, (signal) => check(words, options, { context, signal })),
    );
}

function collect(name: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, name];
}

interface CheckRun {
  readonly context: CommandContext;
  readonly signal: AbortSignal;
}

async function check(
  words: readonly string[],
  options: CheckOptions,
  { context, signal }: CheckRun,
): Promise<void> {
  const { terminal } = context;
  // What a check needs is loaded only here: other commands start faster without it.
  const { checkPlugin } = await import('../authoring/check-plugin.ts');
  const steps: CheckStep[] = [];
  const load: LoadReport[] = [];
  const { isOk, output } = await checkPlugin({
    find: () => targetOf(words, options),
    downstreams: options.downstream ?? DEFAULT_DOWNSTREAMS,
    ...(options.load && { load: LOAD }),
    onStep: (step) => {
      steps.push(step);
      if (options.json === undefined) printStep(step, terminal);
    },
    onLoad: (report) => {
      load.push(report);
      if (options.json === undefined) terminal.out(loadLine(report));
    },
    signal,
  });
  if (options.json) terminal.out(JSON.stringify(resultOf({ steps, load, output, isOk })));
  else if (!isOk) for (const line of output) terminal.error(`  plugin: ${line}`);
  context.exitWith(isOk ? EXIT.ok : EXIT.failed);
}

function printStep(step: CheckStep, terminal: Terminal): void {
  const mark = step.isOk ? terminal.paint('green', 'ok    ') : terminal.paint('red', 'failed');
  const time = `${Math.round(step.durationMs)} ms`.padStart(8);
  const remedy = step.isOk ? '' : ` ${remedyFor(step)}`;
  terminal.out(`${step.name.padEnd(9)} ${mark} ${time}  ${step.detail}${remedy}`.trimEnd());
}

/** The catalogue's remedy, unless the message brings its own: `what happened; what to do`. */
function remedyFor({ code, detail }: CheckStep): string {
  if (code === undefined) return '';
  const remedy = detail.includes('; ') ? undefined : remedyOf(code);
  return [...(remedy === undefined ? [] : [remedy]), `[${code}]`].join(' ');
}

function loadLine({ inFlight, callsPerSecond, p50Ms, p99Ms, failed }: LoadReport): string {
  const failures = failed === 0 ? '' : `, ${failed} failed`;
  return `  ${String(inFlight).padStart(2)} in flight: ${callsPerSecond} calls/s, p50 ${p50Ms.toFixed(2)} ms, p99 ${p99Ms.toFixed(2)} ms${failures}`;
}

interface CheckOutcome {
  readonly steps: readonly CheckStep[];
  readonly load: readonly LoadReport[];
  readonly output: readonly string[];
  readonly isOk: boolean;
}

function resultOf({ steps, load, output, isOk }: CheckOutcome): object {
  return {
    ok: isOk,
    steps: steps.map(({ name, isOk: ok, durationMs, detail, code }) => ({
      step: name,
      ok,
      duration_ms: Math.round(durationMs * 100) / 100,
      detail,
      ...(code !== undefined && { code, remedy: remedyOf(code) }),
    })),
    ...(load.length > 0 && {
      load: load.map((report) => ({
        in_flight: report.inFlight,
        calls: report.calls,
        failed: report.failed,
        calls_per_second: report.callsPerSecond,
        p50_ms: Math.round(report.p50Ms * 1000) / 1000,
        p99_ms: Math.round(report.p99Ms * 1000) / 1000,
      })),
    }),
    output,
  };
}
