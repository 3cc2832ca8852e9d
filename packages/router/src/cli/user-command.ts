/** `smtp-router user`: what is needed to write users into a configuration. */
import { Command } from 'commander';
import type { CommandContext } from './command-context.ts';
import { readPassword } from './read-password.ts';

interface HashOptions {
  readonly json?: true;
}

const HASH_HELP = `
On a terminal the password is asked for twice and not shown; else it is read from standard input, one line.
Write the printed line, in quotes, into the configuration as password_hash of a user.

Examples:
  smtp-router user hash
  printf %s "$PASSWORD" | smtp-router user hash`;

/** Commands about users. */
export function userCommand(context: CommandContext): Command {
  return new Command('user')
    .description('prepare users of a configuration')
    .addHelpText('after', '\nExample:\n  smtp-router user hash')
    .addCommand(hashCommand(context));
}

/** Exit 0 with the hash as the only line of stdout, 1 when the password cannot be used. */
function hashCommand(context: CommandContext): Command {
  return new Command('hash')
    .description('read a password and print its argon2id hash for password_hash')
    .option('--json', 'hash as JSON')
    .addHelpText('after', HASH_HELP)
    .action((options: HashOptions) => hash(options, context));
}

async function hash(options: HashOptions, { terminal, process }: CommandContext): Promise<void> {
  const password = await readPassword(process.stdin, terminal, () => process.kill(process.pid, 'SIGINT'));
  const { hashPassword } = await import('../submission/password-hash.ts');
  const phc = await hashPassword(password);
  terminal.out(options.json ? JSON.stringify({ password_hash: phc }) : phc);
}
