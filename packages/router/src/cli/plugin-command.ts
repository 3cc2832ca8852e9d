/** `smtp-router plugin`: plugins of a running router, and those that are being written. */
import { Command } from 'commander';
import type { CommandContext } from './command-context.ts';
import { pluginCheckCommand } from './plugin-check-command.ts';
import { pluginListCommand } from './plugin-list-command.ts';
import { pluginNewCommand } from './plugin-new-command.ts';
import { pluginReloadCommand } from './plugin-reload-command.ts';
import { pluginTestCommand } from './plugin-test-command.ts';

/** Commands about plugins. */
export function pluginCommand(context: CommandContext): Command {
  return new Command('plugin')
    .description('write, check and test plugins; list and replace those of the running router')
    .addHelpText(
      'after',
      '\nExamples:\n  smtp-router plugin new --lang ts my-plugin\n  smtp-router plugin check ./my-plugin --load\n  smtp-router plugin list -c config.yaml',
    )
    .addCommand(pluginNewCommand(context))
    .addCommand(pluginCheckCommand(context))
    .addCommand(pluginTestCommand(context))
    .addCommand(pluginListCommand(context))
    .addCommand(pluginReloadCommand(context));
}
