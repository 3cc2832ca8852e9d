/** `smtp-router demo`: a router, two downstreams and a plugin, with nothing to configure. */
import { Command } from 'commander';
import type { CommandContext } from './command-context.ts';
import { StopSignals } from './stop-signals.ts';

interface DemoOptions {
  readonly exit?: true;
}

/** Exit 0 when every sample mail arrived. */
export function demoCommand(context: CommandContext): Command {
  return new Command('demo')
    .description('try it: a router with two built-in downstreams and a TypeScript plugin')
    .option('--exit', 'end after the sample mails instead of running on')
    .addHelpText('after', '\nExample:\n  smtp-router demo')
    .action((options: DemoOptions) => demo(options, context));
}

async function demo(options: DemoOptions, context: CommandContext): Promise<void> {
  const { terminal } = context;
  const signals = new StopSignals(context);
  try {
    // Commands that need no router start faster without one.
    const { runDemo } = await import('../demo/demo.ts');
    const running = await runDemo({ print: (line) => terminal.out(line) });
    if (options.exit) void running.drain();
    else terminal.out('Every mail is shown here. Ctrl-C ends the demo.');
    await signals.untilClosed(running);
  } finally {
    signals.release();
  }
}
