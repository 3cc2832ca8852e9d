/** Angus Mail, the implementation of Jakarta Mail. Maven fetches it once, below `.cache/interop`. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../support/go-programs.ts';
import { missingTools, tool } from '../support/tools.ts';
import { type Mailing, programArguments, runSender, type Sender } from './sender.ts';

const FOLDER = join(ROOT, 'interop/programs/angus');
const LIBRARIES = join(ROOT, '.cache/interop/angus');

export const angus: Sender = angusWith('Jakarta Mail (Angus)', []);

/** Sends content by BDAT, a hundred bytes at a time. */
export const angusInChunks: Sender = angusWith('Jakarta Mail (Angus) with CHUNKING', ['-Dchunk=100']);

function angusWith(name: string, options: readonly string[]): Sender {
  return { name, missing, send: (mailing) => send(mailing, options) };
}

async function missing(): Promise<readonly string[]> {
  const tools = missingTools(['java', 'mvn']);
  if (tools.length > 0 || existsSync(LIBRARIES)) return tools;
  const goal = ['dependency:copy-dependencies', `-DoutputDirectory=${LIBRARIES}`];
  const fetched = runSender(tool('mvn'), ['-q', '-B', '-f', join(FOLDER, 'pom.xml'), ...goal]);
  return fetched.then(
    () => [],
    (error: unknown) => [`Angus Mail cannot be fetched: ${String(error)}`],
  );
}

function send(mailing: Mailing, options: readonly string[]): Promise<void> {
  const program = [...options, '-cp', join(LIBRARIES, '*'), join(FOLDER, 'AngusSend.java')];
  return runSender(tool('java'), [...program, ...programArguments(mailing)]);
}
