/** `smtp-router downstream test`: tries one downstream step by step, without a running router. */
import { Command } from 'commander';
import { loadConfig } from '../config/load-config.ts';
import { suggestName } from '../config/nearest-name.ts';
import type { DownstreamConfig, RouterConfig } from '../config/router-config.ts';
import type { TrialStep, TrialStepName } from '../downstream/trial-step.ts';
import { RouterError } from '../errors.ts';
import type { CommandContext } from './command-context.ts';
import { configOption } from './config-option.ts';
import { remedyOf } from './describe-error.ts';
import { EXIT } from './exit-code.ts';
import { reportProblems } from './report-error.ts';
import type { Terminal } from './terminal.ts';

interface TestOptions {
  readonly config: string;
  readonly from?: string;
  readonly json?: true;
}

const TEST_HELP = `
Looks up the name, connects, and goes through greeting, EHLO, TLS and login as the router would; then
offers a sender by MAIL FROM and takes it back by RSET. No message is sent, and no router needs to run.
The sender is --from; else what the configuration lets this downstream send from, else a user of it.

Examples:
  smtp-router downstream test ses -c config.yaml
  smtp-router downstream test ses --from billing@example.com --json`;

/** Commands about downstreams. */
export function downstreamCommand(context: CommandContext): Command {
  return new Command('downstream')
    .description('look at the downstreams of a configuration')
    .addHelpText('after', '\nExample:\n  smtp-router downstream test ses -c config.yaml')
    .addCommand(testCommand(context));
}

/** Exit 0 when every step went well, 1 when one failed, 78 for configuration. */
function testCommand(context: CommandContext): Command {
  return new Command('test')
    .description('try one downstream: DNS, connection, TLS, login, sender')
    .argument('<name>', 'name of a downstream; its address when it has no name')
    .addOption(configOption())
    .option('--from <address>', 'sender to offer')
    .option('--json', 'every step as JSON')
    .addHelpText('after', TEST_HELP)
    .action((name: string, options: TestOptions) => test(name, options, context));
}

async function test(name: string, options: TestOptions, context: CommandContext): Promise<void> {
  const { terminal } = context;
  const loaded = loadConfig(options.config);
  if (loaded.kind === 'bad') {
    context.exitWith(reportProblems(loaded.problems, terminal));
    return;
  }
  const { config } = loaded;
  const downstream = findDownstream(name, config);
  const from = options.from ?? senderOf(downstream, config);
  // What a trial needs is loaded only here: other commands start faster without it.
  const { tryDownstream } = await import('../downstream/downstream-trial.ts');
  const { downstreamOptions } = await import('../router-options.ts');
  const steps: TrialStep[] = [];
  const isOk = await tryDownstream({
    downstream: downstreamOptions(downstream, config),
    sender: from,
    onStep: (step) => {
      steps.push(step);
      if (options.json === undefined) printStep(step, terminal);
    },
  });
  if (options.json) terminal.out(JSON.stringify(resultOf(downstream, steps, isOk)));
  context.exitWith(isOk ? EXIT.ok : EXIT.failed);
}

function findDownstream(name: string, { downstreams }: RouterConfig): DownstreamConfig {
  const found = downstreams.get(name);
  if (found !== undefined) return found;
  const message = `no downstream "${name}"; ${suggestName(name, [...downstreams.keys()])}`;
  throw new RouterError('CONFIG_UNKNOWN_NAME', message);
}

/** A sender the downstream should know: a pattern with a star is none. */
function senderOf(
  { name, rewriteMailFrom, verifiedFrom = [] }: DownstreamConfig,
  config: RouterConfig,
): string {
  const verified = verifiedFrom.find((pattern) => pattern.includes('@') && !pattern.includes('*'));
  const user = [...config.users.values()].find(({ downstreams }) => downstreams.includes(name));
  return rewriteMailFrom ?? verified ?? user?.email ?? '';
}

function printStep(step: TrialStep, terminal: Terminal): void {
  const mark = step.isOk ? terminal.paint('green', 'ok    ') : terminal.paint('red', 'failed');
  const time = `${Math.round(step.durationMs)} ms`.padStart(8);
  const remedy = step.isOk ? '' : `; ${whatToDo(step)}`;
  terminal.out(`${step.name.padEnd(9)} ${mark} ${time}  ${step.detail}${remedy}`);
}

/** For refusals by a reply, which no catalogue explains. */
const REFUSED: Partial<Readonly<Record<TrialStepName, string>>> = {
  auth: 'Check user and pass: providers often have logins for SMTP apart from those of their web pages.',
  mail: 'Verify this sender at the provider, or name another one by --from.',
  rset: 'Ask the operator of the server: it refuses what every server has to take.',
};

function whatToDo({ name, code }: TrialStep): string {
  const remedy = code === undefined ? undefined : remedyOf(code);
  return remedy ?? REFUSED[name] ?? 'Ask the operator of the server what its reply means.';
}

function resultOf({ name, addr }: DownstreamConfig, steps: readonly TrialStep[], isOk: boolean): object {
  return {
    downstream: name,
    addr,
    ok: isOk,
    steps: steps.map((step) => ({
      step: step.name,
      ok: step.isOk,
      duration_ms: Math.round(step.durationMs * 10) / 10,
      detail: step.detail,
      ...(step.code !== undefined && { code: step.code }),
      ...(!step.isOk && { remedy: whatToDo(step) }),
    })),
  };
}
