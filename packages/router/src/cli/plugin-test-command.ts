/** `smtp-router plugin test`: cases of messages and expected decisions, put to a plugin. */
import { Command } from 'commander';
import type { CaseFile } from '../authoring/case-file.ts';
import type { CaseResult } from '../authoring/run-cases.ts';
import type { CommandContext } from './command-context.ts';
import { describeFailure } from './describe-error.ts';
import { EXIT } from './exit-code.ts';
import { interruptible, type PluginWords, targetOf, withPluginOptions } from './plugin-words.ts';
import { reportProblems } from './report-error.ts';
import type { Terminal } from './terminal.ts';

interface TestOptions extends PluginWords {
  readonly cases: string;
  readonly json?: true;
}

const HELP = `
Each file of cases gets a process of its own and puts its cases to it in order. A case is a message and what the
plugin is expected to decide; docs/plugins.md has all keys, and explain --record writes cases down:

  cases:
    - name: newsletters go by the cheap one
      to: [a@example.org]
      headers: { X-Tag: news }
      downstreams: [ses, { name: own, cost: 0.1, state: up }]
      expect: { routes: [own, ses], reason: cheapest }

Examples:
  smtp-router plugin test ./my-plugin --cases cases.yaml
  smtp-router plugin test --cases cases/ --config my-config.yaml -- python3 plugin.py`;

/** Exit 0 when every case went as expected, 1 when one did not, 78 for files of cases that are wrong. */
export function pluginTestCommand(context: CommandContext): Command {
  const command = new Command('test')
    .description('put recorded messages to a plugin and compare what it decides')
    .usage('[options] <file> | [options] -- <command...>')
    .argument('<command...>', 'file of the plugin; or, behind --, program and arguments')
    .requiredOption('--cases <path>', 'file of cases, or folder with .yaml files');
  return withPluginOptions(command)
    .option('--json', 'every case as JSON')
    .addHelpText('after', HELP)
    .action((words: readonly string[], options: TestOptions) =>
      interruptible(context, (signal) => test(words, options, { context, signal })),
    );
}

interface TestRun {
  readonly context: CommandContext;
  readonly signal: AbortSignal;
}

async function test(
  words: readonly string[],
  options: TestOptions,
  { context, signal }: TestRun,
): Promise<void> {
  const { terminal } = context;
  const files = await readCases(options.cases, context);
  if (files === undefined) return;
  const { runCases } = await import('../authoring/run-cases.ts');
  const target = targetOf(words, options);
  const results: CaseResult[] = [];
  const onResult = (result: CaseResult): void => {
    results.push(result);
    if (options.json === undefined) printResult(result, terminal);
  };
  let startFailure: string | undefined;
  for (const file of files) {
    try {
      const output = await runCases(file, { target, onResult, signal });
      if (hasFailed(results, file)) for (const line of output) terminal.error(`  plugin: ${line}`);
    } catch (error) {
      startFailure = failureText(error);
      terminal.error(`${terminal.paintError('red', 'error:')} ${file.file}: ${startFailure}`);
    }
  }
  const failed = results.filter(({ differences }) => differences.length > 0).length;
  if (options.json) terminal.out(JSON.stringify(results.map(resultForJson)));
  else terminal.out(summary(results.length, failed));
  const isOk = failed === 0 && startFailure === undefined && !signal.aborted;
  context.exitWith(isOk ? EXIT.ok : EXIT.failed);
}

/** Undefined when something is wrong with one, which was then reported. */
async function readCases(
  path: string,
  { terminal, exitWith }: CommandContext,
): Promise<readonly CaseFile[] | undefined> {
  const { findCaseFiles, readCaseFile } = await import('../authoring/case-file.ts');
  const read = findCaseFiles(path).map(readCaseFile);
  const problems = read.flatMap((one) => ('document' in one ? [] : one));
  if (problems.length === 0) return read.flatMap((one) => ('document' in one ? [one] : []));
  exitWith(reportProblems(problems, terminal));
  return undefined;
}

function hasFailed(results: readonly CaseResult[], { file }: CaseFile): boolean {
  return results.some((result) => result.file === file && result.differences.length > 0);
}

function failureText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error ? describeFailure(String(error.code), error.message) : error.message;
}

function printResult({ file, name, differences, durationMs }: CaseResult, terminal: Terminal): void {
  const isOk = differences.length === 0;
  const mark = isOk ? terminal.paint('green', 'ok    ') : terminal.paint('red', 'failed');
  terminal.out(`${mark} ${`${durationMs.toFixed(1)} ms`.padStart(9)}  ${file}: ${name}`);
  for (const { key, expected, actual } of differences) {
    terminal.out(`         ${key}`);
    terminal.out(terminal.paint('green', `           - ${expected}`));
    terminal.out(terminal.paint('red', `           + ${actual}`));
  }
}

function summary(count: number, failed: number): string {
  const cases = `${count} case${count === 1 ? '' : 's'}`;
  return failed === 0
    ? `${cases}, all as expected`
    : `${cases}, ${failed} not as expected (- expected, + decided)`;
}

function resultForJson({ file, name, differences, answer, durationMs }: CaseResult): object {
  return {
    file,
    name,
    ok: differences.length === 0,
    differences,
    duration_ms: Math.round(durationMs * 100) / 100,
    ...(answer.kind === 'reply' ? { decision: answer.reply } : { fault: failureText(answer.error) }),
  };
}
