/** Angus Mail, the implementation of Jakarta Mail. Maven fetches it once, below `.cache/interop`. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../support/go-programs.ts';
import { missingTools, tool } from '../support/tools.ts';
import { programArguments, runSender, type Sender } from './sender.ts';

const FOLDER = join(ROOT, 'interop/programs/angus');
const LIBRARIES = join(ROOT, '.cache/interop/angus');

export const angus: Sender = {
  name: 'Jakarta Mail (Angus)',
  missing: async () => {
    const missing = missingTools(['java', 'mvn']);
    if (missing.length > 0 || existsSync(LIBRARIES)) return missing;
    const goal = ['dependency:copy-dependencies', `-DoutputDirectory=${LIBRARIES}`];
    const fetched = runSender(tool('mvn'), ['-q', '-B', '-f', join(FOLDER, 'pom.xml'), ...goal]);
    return fetched.then(
      () => [],
      (error: unknown) => [`Angus Mail cannot be fetched: ${String(error)}`],
    );
  },
  send: (mailing) => {
    const program = ['-cp', join(LIBRARIES, '*'), join(FOLDER, 'AngusSend.java')];
    return runSender(tool('java'), [...program, ...programArguments(mailing)]);
  },
};
