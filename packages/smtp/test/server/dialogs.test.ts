import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SmtpServerOptions } from '../../src/server/server-options.ts';
import { byteByByte, lineByLine } from '../support/chunks.ts';
import { type Dialog, readDialogs } from '../support/dialog.ts';
import { ServerDriver } from '../support/server-driver.ts';

const CUTS = {
  whole: (bytes: Uint8Array) => [bytes],
  'line by line': lineByLine,
  'byte by byte': byteByByte,
};

for (const dialog of readDialogs('server')) {
  for (const [how, cut] of Object.entries(CUTS)) {
    test(`Server dialog ${dialog.file}, ${how}: ${dialog.title}`, () => {
      const driver = run(dialog, cut);
      assert.equal(driver.output, dialog.output);
      assert.deepEqual(driver.events, dialog.events);
    });
  }
}

function run(dialog: Dialog, cut: (bytes: Uint8Array) => Iterable<Uint8Array>): ServerDriver {
  const options = { hostname: 'mx.example', ...dialog.options } satisfies SmtpServerOptions;
  const driver = new ServerDriver(options, dialog.answers);
  for (const step of dialog.steps) {
    if (step.kind === 'bytes') driver.feed(cut(step.bytes));
    else driver.tlsStarted();
  }
  return driver;
}
