/** `smtp-router explain`: what the running router would do with a mail, without sending it. */
import { Command } from 'commander';
import type { ExplainResult } from '../control/control-message.ts';
import { askRouter } from '../control/control-request.ts';
import { parseExplainResult } from '../control/explain-result.ts';
import { formatMailRequest } from '../control/send-request.ts';
import { RouterError } from '../errors.ts';
import type { CommandContext } from './command-context.ts';
import { configOption } from './config-option.ts';
import { controlSocketOf } from './control-socket.ts';
import { explainLines } from './explain-lines.ts';
import { collectAddress, mailContent } from './test-mail.ts';

interface ExplainOptions {
  readonly config: string;
  readonly user: string;
  readonly to: readonly string[];
  readonly from?: string;
  readonly message?: string;
  readonly ask?: true;
  readonly record?: string;
  readonly json?: true;
}

/** A selection may take its whole time-out, which the configuration sets. */
const ANSWER_TIMEOUT_MS = 5 * 60_000;

const HELP = `
The running router asks the user's selector as it would for this mail, with what it knows of its downstreams
now, and tells who would be tried in which order, who would be passed over and why. No downstream is asked, and
no selector takes a turn: the next mail is decided as explained.

A plugin of version 1 of the contract cannot be told that nothing will be sent. It is asked only with --ask,
which takes its turn; else the order of its on_failure is shown.

Examples:
  smtp-router explain -c config.yaml --user app@example.com --to you@example.org
  smtp-router explain --user app@example.com --from news@example.com --to a@example.org --to b@example.net --message mail.eml --json
  smtp-router explain --user app@example.com --to you@example.org --message mail.eml --record cases.yaml`;

/** Exit 0 when the router told. */
export function explainCommand(context: CommandContext): Command {
  return new Command('explain')
    .description('show what the running router would do with a mail, without sending it')
    .addOption(configOption())
    .requiredOption('--user <email>', 'configured user whose selector and downstreams would carry the mail')
    .requiredOption('--to <address>', 'recipient; may be given several times', collectAddress)
    .option('--from <address>', 'sender; default the user')
    .option('--message <file>', 'mail, headers included; default a short test mail')
    .option('--ask', 'ask a plugin of version 1, too, though that takes its turn')
    .option('--record <file>', 'write request and decision behind the cases of a file, for plugin test')
    .option('--json', 'explanation as JSON')
    .addHelpText('after', HELP)
    .action((options: ExplainOptions) => explain(options, context));
}

async function explain(options: ExplainOptions, { terminal }: CommandContext): Promise<void> {
  const { user, to, from = user } = options;
  const request = {
    user,
    from,
    to,
    content: mailContent(from, options),
    isAskedAnyway: options.ask === true,
  };
  const answer = await askRouter({
    socketPath: controlSocketOf(options.config),
    method: 'POST',
    path: '/v1/explain',
    body: formatMailRequest(request),
    timeoutMs: ANSWER_TIMEOUT_MS,
  });
  const result = parseExplainResult(answer);
  if (options.record !== undefined) await record(options.record, result, options);
  if (options.json) terminal.out(JSON.stringify(answer));
  else for (const line of explainLines(result)) terminal.out(line);
}

/** Only what a selector decided itself is worth expecting again. */
async function record(file: string, result: ExplainResult, { to }: ExplainOptions): Promise<void> {
  const { selection, routes, verdict, request } = result;
  if (selection.decidedBy !== 'selector') {
    throw new RouterError('ROUTER_NOTHING_TO_RECORD', `Nothing was recorded: ${selection.reason}`);
  }
  const { recordedCase } = await import('../authoring/recorded-case.ts');
  const { appendCase } = await import('../authoring/append-case.ts');
  const selected = routes.map(({ recipients, candidates }) => ({
    recipients,
    candidates: candidates.map(({ downstream }) => downstream),
  }));
  const decision = { request, routes: selected, reason: selection.reason, ...(verdict && { verdict }) };
  appendCase(file, recordedCase(`recorded for ${to.join(', ')}`, decision));
}
