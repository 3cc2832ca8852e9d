#!/usr/bin/env node
// Plain JavaScript that old releases of Node can still read: it checks the release before anything else
// is loaded. In the repository the sources run as they are; in the packed product, where scripts/pack
// has compiled them, main.js stands in the place of main.ts. Both are found from here.
import { existsSync } from 'node:fs';

const EXIT_FAILED = 1;
const version = process.versions.node;
const [major, minor] = version.split('.').map(Number);
// 23 could not run TypeScript before 23.6.
const isNewEnough = major > 23 || (major === 23 && minor >= 6) || (major === 22 && minor >= 19);

if (!isNewEnough) {
  process.stderr.write(
    `smtp-router needs Node 22.19 or newer, and this is Node ${version}: install a newer one from https://nodejs.org.\n`,
  );
  process.exitCode = EXIT_FAILED;
} else {
  const source = new URL('../src/cli/main.ts', import.meta.url);
  const compiled = new URL('../src/cli/main.js', import.meta.url);
  import(existsSync(source) ? source.href : compiled.href).then(
    (cli) => cli.main(process),
    (error) => {
      const isIncomplete =
        error !== null && typeof error === 'object' && error.code === 'ERR_MODULE_NOT_FOUND';
      const reason = isIncomplete ? 'a module is missing' : String(error).split('\n')[0];
      process.stderr.write(`smtp-router cannot start (${reason}): install it again with npm.\n`);
      process.exitCode = EXIT_FAILED;
    },
  );
}
