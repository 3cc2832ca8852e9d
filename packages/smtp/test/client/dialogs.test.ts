import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SmtpClientOptions } from '../../src/client/client-options.ts';
import { byteByByte, lineByLine } from '../support/chunks.ts';
import { ClientDriver } from '../support/client-driver.ts';
import { type Dialog, readDialogs } from '../support/dialog.ts';

const CUTS = {
  whole: (bytes: Uint8Array) => [bytes],
  'line by line': lineByLine,
  'byte by byte': byteByByte,
};

for (const dialog of readDialogs('client')) {
  for (const [how, cut] of Object.entries(CUTS)) {
    test(`Client dialog ${dialog.file}, ${how}: ${dialog.title}`, () => {
      const driver = run(dialog, cut);
      assert.equal(driver.output, dialog.output);
      assert.deepEqual(driver.events, dialog.events);
    });
  }
}

function run(dialog: Dialog, cut: (bytes: Uint8Array) => Iterable<Uint8Array>): ClientDriver {
  const options = { heloName: 'c.example', ...dialog.options } satisfies SmtpClientOptions;
  const driver = new ClientDriver(options);
  for (const step of dialog.steps) {
    if (step.kind === 'bytes') driver.feed(cut(step.bytes));
    else driver.perform(step.words);
  }
  return driver;
}
