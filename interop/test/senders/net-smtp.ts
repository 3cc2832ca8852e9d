/** The package net/smtp of Go's standard library. */
import { goProgram } from '../support/go-programs.ts';
import { missingTools } from '../support/tools.ts';
import { programArguments, runSender, type Sender } from './sender.ts';

export const netSmtp: Sender = {
  name: 'Go net/smtp',
  missing: async () => missingTools(['go']),
  send: async (mailing) =>
    runSender(await goProgram('interop', './cmd/net-smtp-send'), programArguments(mailing)),
};
