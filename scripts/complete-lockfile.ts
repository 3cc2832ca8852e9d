/**
 * `node scripts/complete-lockfile.ts`, to be run after `npm install` changed the lockfile: adds the packages for
 * other platforms that the registry of this machine did not have.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { completeLockfile, type Lockfile, missingPlatformPackages } from './lockfile/platform-packages.ts';

const file = resolve(import.meta.dirname, '../package-lock.json');
// Written by npm; the shape is its lockfile version 3.
const lockfile = JSON.parse(await readFile(file, 'utf8')) as Lockfile;
const { size } = missingPlatformPackages(lockfile);
if (size > 0) await writeFile(file, `${JSON.stringify(completeLockfile(lockfile), undefined, 2)}\n`);
console.log(`package-lock.json: ${size} packages for other platforms added`);
