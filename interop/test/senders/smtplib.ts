/** The module smtplib of Python's standard library. */
import { join } from 'node:path';
import { ROOT } from '../support/go-programs.ts';
import { missingTools, tool } from '../support/tools.ts';
import { programArguments, runSender, type Sender } from './sender.ts';

const SCRIPT = join(ROOT, 'interop/programs/smtplib_tls_send.py');

export const smtplib: Sender = {
  name: 'Python smtplib',
  missing: async () => missingTools(['python3']),
  send: (mailing) => runSender(tool('python3'), [SCRIPT, ...programArguments(mailing)]),
};
