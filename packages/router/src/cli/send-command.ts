/** `smtp-router send`: one mail through the running router, with every attempt and reply. */
import { Command } from 'commander';
import type { SendResult } from '../control/control-message.ts';
import { askRouter } from '../control/control-request.ts';
import { formatMailRequest } from '../control/send-request.ts';
import { parseSendResult } from '../control/send-result.ts';
import type { Attempt, Outcome } from '../message/outcome.ts';
import type { CommandContext } from './command-context.ts';
import { configOption } from './config-option.ts';
import { controlSocketOf } from './control-socket.ts';
import { decisionText } from './decision-text.ts';
import { EXIT, type ExitCode } from './exit-code.ts';

import type { Terminal } from './terminal.ts';
import { collectAddress, mailContent } from './test-mail.ts';

interface SendOptions {
  readonly config: string;
  readonly user: string;
  readonly to: readonly string[];
  readonly from?: string;
  readonly message?: string;
  readonly json?: true;
}

/** The final reply may take timeouts.dot of each downstream. */
const ANSWER_TIMEOUT_MS = 15 * 60_000;

/** Exit 0 when a downstream took the mail, 75 after a temporary refusal, 1 after a permanent one. */
export function sendCommand(context: CommandContext): Command {
  return new Command('send')
    .description('send one mail through the running router and show every reply')
    .addOption(configOption())
    .requiredOption('--user <email>', 'configured user whose selector and downstreams carry the mail')
    .requiredOption('--to <address>', 'recipient; may be given several times', collectAddress)
    .option('--from <address>', 'sender; default the user')
    .option('--message <file>', 'mail to send, headers included; default a short test mail')
    .option('--json', 'result as JSON')
    .addHelpText(
      'after',
      '\nExample:\n  smtp-router send -c config.yaml --user app@example.com --to you@example.org',
    )
    .action((options: SendOptions) => send(options, context));
}

async function send(options: SendOptions, context: CommandContext): Promise<void> {
  const from = options.from ?? options.user;
  const content = mailContent(from, options);
  const answer = await askRouter({
    socketPath: controlSocketOf(options.config),
    method: 'POST',
    path: '/v1/send',
    body: formatMailRequest({ user: options.user, from, to: options.to, content }),
    timeoutMs: ANSWER_TIMEOUT_MS,
  });
  const result = parseSendResult(answer);
  if (options.json) context.terminal.out(JSON.stringify(answer));
  else print(result, context.terminal);
  context.exitWith(exitCodeFor(result.reply.code));
}

function exitCodeFor(replyCode: number): ExitCode {
  if (replyCode < 300) return EXIT.ok;
  return replyCode < 500 ? EXIT.tryLater : EXIT.failed;
}

function print(result: SendResult, terminal: Terminal): void {
  const { selection, reply } = result;
  if (selection !== undefined) terminal.out(decisionText(selection));
  for (const [index, attempt] of result.attempts.entries()) printAttempt(index + 1, attempt, terminal);
  const colour = reply.code < 300 ? 'green' : reply.code < 500 ? 'yellow' : 'red';
  terminal.out(terminal.paint(colour, `${reply.code} ${reply.text}`));
}

function printAttempt(number: number, attempt: Attempt, terminal: Terminal): void {
  const place = `${attempt.downstreamId}, ${attempt.phase}, ${Math.round(attempt.durationMs)} ms`;
  for (const [index, outcome] of attempt.outcomes.entries()) {
    const recipient =
      attempt.outcomes.length > 1 ? ` recipient ${(attempt.recipientIds[index] ?? 0) + 1}` : '';
    terminal.out(`${number}. ${place}${recipient}: ${outcome.kind}, ${describe(outcome)}`);
  }
}

function describe(outcome: Outcome): string {
  const { reply } = outcome;
  if (reply !== undefined)
    return [reply.code, reply.enhancedCode ?? '', reply.lines.join(' / ')].filter(Boolean).join(' ');
  return outcome.kind === 'delivered' ? '' : outcome.message;
}
