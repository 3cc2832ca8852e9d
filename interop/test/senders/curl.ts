/** The program curl, one connection for each message. */
import { missingTools, tool } from '../support/tools.ts';
import { runSender, type Sender } from './sender.ts';

export const curl: Sender = {
  name: 'curl',
  missing: async () => missingTools(['curl']),
  send: async ({ port, mode, authority, user, password, mailFrom, recipients, files }) => {
    const scheme = mode === 'implicit' ? 'smtps' : 'smtp';
    const url = `${scheme}://127.0.0.1:${port}/client.example.com`;
    for (const file of files) {
      await runSender(tool('curl'), [
        ...['--silent', '--show-error', '--url', url, '--cacert', authority],
        ...(mode === 'starttls' ? ['--ssl-reqd'] : []),
        ...['--user', `${user}:${password}`, '--mail-from', mailFrom],
        ...recipients.flatMap((recipient) => ['--mail-rcpt', recipient]),
        ...['--upload-file', file],
      ]);
    }
  },
};
